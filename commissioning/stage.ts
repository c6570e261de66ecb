import type { Robot } from '../robots/index.ts';
import type { CommissioningFinding, CommissioningStage, Envelope, StageRecord } from '../safety/index.ts';
import type { ArmOnBus } from './arm_on_bus.ts';
import type { CommissioningSettings } from './settings.ts';

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

/** A stage could not be carried through: what happened is its finding. */
export class StageFailed extends Error {
  readonly remedy: string;

  constructor(what: string, remedy: string) {
    super(what);
    this.name = 'StageFailed';
    this.remedy = remedy;
  }
}

export function checkInterrupted({ interrupted }: StageRig): void {
  if (interrupted()) throw new Interrupted();
}

export const note = (what: string): CommissioningFinding => ({ severity: 'note', what, remedy: '' });
export const warning = (what: string, remedy: string): CommissioningFinding => ({ severity: 'warning', what, remedy });
export const failure = (what: string, remedy: string): CommissioningFinding => ({ severity: 'failure', what, remedy });

export const notApplicable = (why: string, remedy: string): StageOutcome => ({
  verdict: 'not_applicable',
  findings: [warning(why, remedy)],
  measurements: {},
});

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
