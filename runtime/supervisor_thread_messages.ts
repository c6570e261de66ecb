import type { EnablingDevice } from '../contracts/index.ts';
import type { AutonomyLimits, OperatingMode, StopCategory } from '../safety/index.ts';
import type { Channel } from './channel.ts';
import type { StopCondition, SupervisorView } from './supervisor_core.ts';

/** A process and the channel on which it is heard; see WatchedProcess. */
export interface HeardProcess {
  readonly name: string;
  readonly channel: Channel;
  readonly busy_s: number;
  readonly required: boolean;
}

/** Handed to the supervisor's thread. */
export interface SupervisorSetup {
  readonly observation: Channel;
  readonly grant: Channel;
  readonly processes: readonly HeardProcess[];
  readonly silence_s: number;
  /** Beats of the main thread (one cell), and how long it may do something else, s. */
  readonly beats: SharedArrayBuffer;
  readonly busy_s: number;
  /** Silence of the main thread after which an enabling device that it said was held is not, s. */
  readonly device_silence_s: number;
  /** Limits that go with every grant; see SupervisorCore.setLimits. */
  readonly tool_speed_m_per_s: number | null;
  readonly speed_share: number;
  readonly autonomy: AutonomyLimits;
  /** See SupervisorCore.setEnvelope. */
  readonly envelope_sha256: string | null;
}

/** Main thread to supervisor. */
export type SupervisorRequest =
  | { readonly kind: 'active'; readonly active: boolean }
  | { readonly kind: 'stop'; readonly category: StopCategory; readonly reason: string }
  | { readonly kind: 'conditions'; readonly conditions: readonly StopCondition[] }
  | { readonly kind: 'pace'; readonly pace: number; readonly policies: boolean }
  | { readonly kind: 'enabling_device'; readonly device: EnablingDevice }
  | { readonly kind: 'envelope'; readonly sha256: string | null }
  | { readonly kind: 'limits'; readonly tool_speed_m_per_s: number | null; readonly speed_share: number }
  | { readonly kind: 'reset'; readonly id: number }
  | { readonly kind: 'mode'; readonly id: number; readonly mode: OperatingMode; readonly enabled: boolean };

/** Supervisor to main thread: what it knows, on change and ten times a second; and answers. */
export type SupervisorAnswer =
  | { readonly kind: 'view'; readonly view: SupervisorView }
  | { readonly kind: 'answer'; readonly id: number; readonly refusal: string };
