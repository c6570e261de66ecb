import type { Bus, Clock, Degradation } from '../contracts/index.ts';
import type { CommandSource } from '../control/index.ts';
import type { Cell, KindName } from '../launch/index.ts';
import type { Robot } from '../robots/index.ts';
import type { Fault, Reaction } from '../safety/index.ts';
import type { SimCell } from '../stack/index.ts';
import type { NetworkTap } from './network_tap.ts';
import type { ShiftedClock } from './shifted_clock.ts';
import type { Wires } from './wires.ts';

/** How a graph runs while it is drilled. */
export const DRILL_BUSES = ['embedded', 'ros'] as const;
export type DrillBus = (typeof DRILL_BUSES)[number];

/** What a drill in this process works on. Times are simulated. */
export interface EmbeddedStage {
  readonly cell: Cell;
  readonly robot: Robot;
  /** The drill's own: no fault touches it. */
  readonly bus: Bus;
  readonly clock: Clock;
  readonly wires: Wires;
  /** Between perception and its network. */
  readonly network: NetworkTap;
  /** Moves a camera of the world; nobody is told. */
  readonly displaceCamera: SimCell['displaceCamera'];
  /** The clock that a node of the cell has. */
  clockOf(node: string): ShiftedClock;
  /** The names by which wires and clocks know the nodes. */
  readonly nodes: readonly string[];
  /** The one of a kind; throws InputError where the cell has none. */
  nodeOf(kind: string): string;
}

/** A fault that is ready to happen, with whatever has to be there before it does. */
export interface Injection {
  begin(): void;
  end(): void;
  /** Gives back what it holds. */
  close?(): void;
  /** What moves the arm until it has recovered, in a drill of policies. */
  readonly policy?: CommandSource;
}

/** When a fault happens: while a task moves the arm, while a policy does, or as a goal is sent. */
export type Moment = 'moving' | 'policy' | 'goal';

/** One fault, and what the stack has to make of it. */
export interface Drill {
  readonly name: string;
  /** What goes wrong, in one line. */
  readonly title: string;
  /** The fault by its name in envelopes, which declare its reaction; or the reaction itself of what no envelope declares. */
  readonly declared: Fault | ((cell: Cell) => Reaction);
  readonly moment: Moment;
  /** Where a goal is sent, how long after the fault, s; by default at once. */
  readonly lead_s?: number;
  /** What the safety state says of it. */
  readonly says: RegExp;
  /** Whether a reset must be refused while it lasts. */
  readonly lasting: boolean;
  /** The cell with what the drill needs in it, e.g. a source that must be heard. */
  readonly prepare?: (cell: Cell) => Cell;
  /** In this process; absent where it needs processes. */
  readonly embedded?: (stage: EmbeddedStage) => Injection;
  /** In a launched graph. */
  readonly ros?: Blow;
}

/** What is done to the process of the cell's node of a kind. */
export interface Blow {
  readonly kind: KindName;
  readonly signal: 'SIGKILL' | 'SIGSTOP';
}

/** What was seen of one drill; times in s from the moment of the fault, null for what did not come. */
export interface DrillMeasures {
  /** When it began, by the cell's clock, and in which stage of the task. */
  readonly injected_s: number;
  readonly stage: string;
  /** The safety state names it. */
  readonly detected_s: number | null;
  /** The declared degradation, or a graver one, is in force. */
  readonly degraded_s: number | null;
  readonly degradation: Degradation;
  /** Whether the same run without the fault moves between the degradation and the time allowed, so that an effect can be seen. */
  readonly moving: boolean;
  /** The arm is commanded slower than in the same run without the fault; null where that stood still, too. */
  readonly effect_s: number | null;
  /** Of a stop: when it stands, and how long the tail said that the stop takes. */
  readonly standstill_s: number | null;
  readonly promised_stop_s: number | null;
  readonly ended_s: number;
  /** Why a reset was refused while it lasted; null where none was asked for. */
  readonly refusal: string | null;
  /** Normal work was allowed again, and a goal was reached after that. */
  readonly recovered_s: number | null;
  readonly goal_reached_s: number | null;
  readonly reasons: readonly string[];
  /** Objects that nobody asked for and that stand elsewhere in the end, by the simulator's truth. */
  readonly wrong: readonly string[];
}
