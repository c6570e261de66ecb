import type { Robot } from '../robots/index.ts';
import type { CommissioningFinding, CommissioningStage, Envelope, StageRecord } from '../safety/index.ts';
import type { ArmOnBus } from './arm_on_bus.ts';

/** What was measured, told and expected of one arm. */
export interface CommissioningSettings {
  /** Delay that the driver itself puts between a command and its execution, s. */
  readonly driver_delay_s: number;
  /** Mass that the description or the operator gives for what the tool carries, kg. */
  readonly payload_kg: number;
  /** Whether the driver reports joint torques. */
  readonly stop_trials: number;
  /** Deceleration has to begin within this of a stop's request, s. */
  readonly deceleration_within_s: number;
}

export const DEFAULT_SETTINGS: CommissioningSettings = {
  driver_delay_s: 0.04,
  payload_kg: 0,
  stop_trials: 20,
  deceleration_within_s: 0.1,
};

/** What a stage has to work with. */
export interface StageRig {
  readonly arm: ArmOnBus;
  readonly robot: Robot;
  readonly envelope: Envelope;
  readonly settings: CommissioningSettings;
  /** One line for the operator. */
  readonly say: (line: string) => void;
  /** Part of the stage that is done, 0..1. */
  readonly progress: (part: number) => void;
  /** True once the operator wants to end; a stage then throws Interrupted at its next look. */
  readonly interrupted: () => boolean;
}

export interface StageOutcome {
  readonly verdict: StageRecord['verdict'];
  readonly findings: readonly CommissioningFinding[];
  readonly measurements: StageRecord['measurements'];
}

/** One stage of the first use of an arm. */
export interface Stage {
  readonly name: CommissioningStage;
  /** What it does to the arm, for the operator who says yes to it. */
  readonly purpose: string;
  /** Whether the arm moves in it. */
  readonly moves: boolean;
  run(rig: StageRig): Promise<StageOutcome>;
}

/** The operator ended a stage; nothing of it is recorded. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}

export function checkInterrupted({ interrupted }: StageRig): void {
  if (interrupted()) throw new Interrupted();
}

export const note = (what: string): CommissioningFinding => ({ severity: 'note', what, remedy: '' });
export const warning = (what: string, remedy: string): CommissioningFinding => ({ severity: 'warning', what, remedy });
export const failure = (what: string, remedy: string): CommissioningFinding => ({ severity: 'failure', what, remedy });

/** Failed where any finding is a failure. */
export function outcomeOf(
  findings: readonly CommissioningFinding[],
  measurements: StageRecord['measurements'],
): StageOutcome {
  return {
    verdict: findings.some(({ severity }) => severity === 'failure') ? 'failed' : 'passed',
    findings,
    measurements,
  };
}
