import type { Bus, OfferedPolicy, SafetyState, Vector3 } from '../../contracts/index.ts';
import type { Command, JogFrame } from '../protocol/index.ts';
import type { HeldLease, LeaseLoss, LeaseTimes, Operator } from './control_lease.ts';
import type { Epochs } from './epoch_file.ts';
import type { LetGo } from './held_motion.ts';
import type { ArmMotion } from './hold_watch.ts';
import type { JogLimits } from './jog_limits.ts';
import type { EndedMotion, MotionsOptions } from './motions.ts';
import type { TickRing } from './tick_ring.ts';

/** What the desk sees of the robot. */
export interface RobotView {
  /** Newest, null while the robot cannot be heard. */
  safety(): SafetyState | null;
  /** The fastest of the arm's joints, and how old that is. */
  arm(): ArmMotion;
  /** Age of the oldest picture that people jog by, ms; null for none. */
  picture_ms(): number | null;
}

/** What happened at the desk, for records, alarms and counters. */
export type DeskEvent =
  | { readonly kind: 'granted'; readonly lease: HeldLease }
  | { readonly kind: 'lost'; readonly lease: HeldLease; readonly why: LeaseLoss }
  | { readonly kind: 'refused'; readonly operator: Operator; readonly why: string }
  | { readonly kind: 'let_go'; readonly why: LetGo }
  | { readonly kind: 'stopped'; readonly why: string }
  | { readonly kind: 'started'; readonly what: Command['type']; readonly operator: Operator }
  | { readonly kind: 'taken_over'; readonly what: 'jog' | 'cancel' | 'pause'; readonly operator: Operator }
  | { readonly kind: 'stage'; readonly stage: string; readonly attempt: number; readonly reason: string }
  | { readonly kind: 'ended'; readonly motion: EndedMotion };

export interface ControlDeskOptions {
  readonly bus: Bus;
  readonly now_ms: () => number;
  /** Robot time. */
  readonly robot_ns: () => bigint;
  /** Name of the robot. */
  readonly scope: string;
  readonly epochs: Epochs;
  readonly times?: Partial<LeaseTimes>;
  readonly ticks: TickRing;
  readonly limits: JogLimits;
  /** Of the arm, in order. */
  readonly joint_names: readonly string[];
  /** Frames of the bus; empty for the root link. */
  readonly frames: Readonly<Record<JogFrame, string>>;
  readonly robot: RobotView;
  /** Where the centre of a place is; null for none of that name. */
  readonly targetOf: (place: string) => Vector3 | null;
  /** Whether a place has no free spot left: unlike a planner, a policy does not look for itself. */
  readonly isFull?: (place: string) => boolean;
  /** The learned policy of this hash; else why it cannot be started here. */
  readonly policyOf?: (model_sha256: string) => OfferedPolicy | string;
  /** See `MotionsOptions`. */
  readonly next: MotionsOptions['next'];
  /** Open alarms that a reset should name, by their text. */
  readonly alarms?: () => readonly string[];
  readonly onEvent?: (event: DeskEvent) => void;
}

/** Commands that others than the desk take. */
type ElsewhereType = 'ping' | 'acknowledge' | 'answer' | 'correct' | 'mark' | 'incident';
export type DeskCommand = Exclude<Command, { type: ElsewhereType }>;
export type PressedCommand = Extract<DeskCommand, { id: number; epoch: number }>;
