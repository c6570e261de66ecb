import type {
  Colour,
  Detection,
  ObjectClass,
  OfferedPolicy,
  Pose,
  SafetyState,
  ServoReason,
  ServoState,
  Vector3,
} from '../../contracts/index.ts';
import type { Role } from '../access/roles.ts';
import type { GO_TARGETS, LEASE_WISHES } from './commands.ts';

/** What the server sends over /ws/control. Lengths m, angles rad, times ms of the server's clock unless a name says else. */
export type ServerMessage =
  | Welcome
  | StateFrame
  | SceneMessage
  | AlarmsMessage
  | LatencyMessage
  | CountersMessage
  | EscalationsMessage
  | PoliciesMessage
  | Reply
  | Pong
  | Refused;

export interface World {
  readonly kind: 'simulation' | 'real';
  /** Of the robot, for people. */
  readonly robot: string;
  readonly name: string;
}

/** Where something may be put: centre on the table, frame world, and sizes along x and y, m. */
export interface Place {
  readonly name: string;
  readonly position: Vector3;
  readonly size: readonly [number, number];
}

/** First answer to `auth` on /ws/control. */
export interface Welcome {
  readonly type: 'welcome';
  readonly session: { readonly id: string; readonly user: string; readonly role: Role };
  readonly world: World;
  readonly joints: {
    readonly names: readonly string[];
    readonly lower_rad: readonly number[];
    readonly upper_rad: readonly number[];
  };
  /** What a share of 1 means when jogging. */
  readonly jog: {
    readonly linear_m_s: number;
    readonly angular_rad_s: number;
    readonly joint_rad_s: readonly number[];
  };
  readonly gripper: { readonly max_width_m: number; readonly max_force_N: number } | null;
  readonly places: readonly Place[];
  /** What an object can be. */
  readonly objects: readonly { readonly class: ObjectClass; readonly colour: Colour }[];
  /** Workspace of the tool and keep-out volumes, frame world; boxes by centre and full size. */
  readonly zones: readonly {
    readonly name: string;
    readonly kind: 'workspace' | 'keep_out';
    readonly pose: Pose;
    readonly size: Vector3;
  }[];
  /** For how long a page may go on with a picture or a state, and how old a commanded tick may be. */
  readonly limits: { readonly picture_ms: number; readonly tick_ms: number; readonly session_ms: number };
  readonly physical_stop: string;
}

export const TASK_KINDS = ['none', 'jog', 'pick', 'batch', 'policy', 'home', 'retreat', 'gripper', 'other'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

/** What holds the control lease. */
export interface LeaseView {
  readonly epoch: number;
  readonly holder: { readonly session: string; readonly user: string; readonly tab: string } | null;
  /** Whether the page that reads this holds it. */
  readonly yours: boolean;
  readonly request: { readonly user: string; readonly session: string; readonly until_ms: number } | null;
}

/** 30 Hz. `tick` rises by one with each; what a page commands names the newest it has drawn. */
export interface StateFrame {
  readonly type: 'state';
  readonly tick: number;
  readonly sent_ms: number;
  /** Stamp of the joint state shown, ms of the robot's clock, and its age when this was sent, ms. */
  readonly robot_ms: number;
  readonly age_ms: number;
  readonly q: readonly number[];
  readonly v: readonly number[];
  readonly effort: readonly number[];
  /** Positions that the drives were sent last, in the order of `q`; empty where nobody tells. */
  readonly commanded: readonly number[];
  readonly gripper_width_m: number | null;
  readonly tool: { readonly pose: Pose; readonly speed_m_s: number } | null;
  /** Force (N) and torque (Nm) at the hand. */
  readonly wrench: readonly number[] | null;
  readonly safety: Omit<SafetyState, 'stamp_ns' | 'passed' | 'limited' | 'stopped'> | null;
  readonly servo: {
    readonly state: ServoState;
    readonly reason: ServoReason;
    readonly share: number;
    readonly detail: string;
  } | null;
  readonly task: {
    readonly kind: TaskKind;
    readonly stage: string;
    readonly reason: string;
    readonly attempt: number;
    /** Of a batch. */
    readonly done: number;
    readonly of: number;
    readonly paused: boolean;
    /** Of a policy that runs. */
    readonly policy?: {
      readonly name: string;
      /** 0..1; null for one that does not say. */
      readonly confidence: number | null;
      readonly time_s: number;
    };
  };
  readonly speed: number;
  readonly lease: LeaseView;
  /** Age of the newest picture of each camera, ms; null before the first. */
  readonly pictures_ms: { readonly overview: number | null; readonly wrist: number | null };
  /** Why the robot's side cannot be heard; empty while it can. */
  readonly lost: string;
}

export interface SeenObject {
  readonly id: number;
  readonly class: ObjectClass;
  readonly colour: Colour;
  readonly score: number;
  readonly pose: Pose;
  readonly shape: Detection['shape'];
  readonly verdict: string;
  readonly reason: string;
}

/** On change, at most 5 Hz. */
export interface SceneMessage {
  readonly type: 'scene';
  readonly objects: readonly SeenObject[];
  /** Outlines in pixels of each camera's picture: left, top, width, height. */
  readonly outlines: readonly {
    readonly camera: 'overview' | 'wrist';
    readonly stamp_ms: number;
    readonly width: number;
    readonly height: number;
    readonly boxes: readonly {
      readonly id: number;
      readonly class: ObjectClass;
      readonly colour: Colour;
      readonly score: number;
      readonly box: readonly number[];
    }[];
  }[];
  /** Path of the tool that is planned, points in the world; empty for none. */
  readonly path: readonly Vector3[];
  /** What is wrong with the newest pictures, and why perception is degraded. */
  readonly degraded: string;
  /** People and other moving bodies: capsules. */
  readonly bodies: readonly {
    readonly id: number;
    readonly radius_m: number;
    readonly length_m: number;
    readonly pose: Pose;
  }[];
}

/** A preview in a reply to `preview`: the arm along the way, and the hand where it grasps. */
export interface Preview {
  readonly ok: boolean;
  readonly reason: string;
  readonly joint_names: readonly string[];
  readonly path: readonly (readonly number[])[];
  readonly tool: Pose | null;
  readonly width_m: number;
}

export const ALARM_PRIORITIES = ['low', 'medium', 'high', 'critical'] as const;
export type AlarmPriority = (typeof ALARM_PRIORITIES)[number];
/** ISA-18.2: a condition that asks for a response. Stays until it is over and acknowledged. */
export interface Alarm {
  readonly id: string;
  readonly priority: AlarmPriority;
  readonly text: string;
  /** What to do. */
  readonly remedy: string;
  readonly raised_ms: number;
  readonly cleared_ms: number | null;
  readonly acknowledged_by: string | null;
  readonly count: number;
}
export interface AlarmsMessage {
  readonly type: 'alarms';
  readonly alarms: readonly Alarm[];
}

export interface LatencyMessage {
  readonly type: 'latency';
  readonly stages: readonly {
    readonly stage: string;
    readonly last_ms: number;
    readonly p50_ms: number;
    readonly p95_ms: number;
    /** Objective for p95; null where none is declared. */
    readonly slo_ms: number | null;
    readonly dropped: number;
  }[];
}

export const COUNTERS = [
  'picks',
  'successes',
  'wrong_picks',
  'retries',
  'asked',
  'answered',
  'overruled',
  'interventions',
  'saves',
  'stops',
] as const;
export type Counter = (typeof COUNTERS)[number];
export interface CountersMessage {
  readonly type: 'counters';
  readonly totals: Readonly<Record<Counter, number>>;
  /** Per bin of `bin_s`, the oldest first. */
  readonly trends: Readonly<Record<Counter, readonly number[]>>;
  readonly bin_s: number;
  readonly interventions_per_h: number;
}

export interface EscalationView {
  readonly id: string;
  readonly question: string;
  readonly options: readonly string[];
  readonly asked_by: string;
  readonly request_id: string;
  readonly frame_sha256: string;
  readonly model: string;
  readonly image_box: readonly number[];
  /** Whether GET /api/escalations/ID/picture has one. */
  readonly picture: boolean;
  /** Time left when this was sent. */
  readonly left_ms: number;
}
export interface EscalationsMessage {
  readonly type: 'escalations';
  readonly open: readonly EscalationView[];
}

/** A learned policy that can be started; `refusal`: why not here, empty where it can. */
export interface PolicyView extends OfferedPolicy {
  readonly refusal: string;
}
/** First, and on change. */
export interface PoliciesMessage {
  readonly type: 'policies';
  readonly policies: readonly PolicyView[];
}

/** Of every command with an id, once. */
export interface Reply {
  readonly type: 'reply';
  readonly to: number;
  readonly ok: boolean;
  /** Why not; empty when ok. */
  readonly reason: string;
  readonly preview?: Preview;
  /** Of a reset: each cause, and whether it is gone. */
  readonly causes?: readonly { readonly cause: string; readonly fixed: boolean }[];
  /** Of an incident: its folder's name for GET /api/incidents/NAME.zip. */
  readonly incident?: string;
}
export interface Pong {
  readonly type: 'pong';
  readonly at_ms: number;
  readonly server_ms: number;
}
/** Held commands that were dropped since the last such message, by reason; at most 4 Hz. */
export interface Refused {
  readonly type: 'refused';
  readonly reasons: Readonly<Record<string, number>>;
}

/** Over /ws/stop, three for each press; `t_ms` of the server's clock. */
export interface StopProgress {
  readonly type: 'stop';
  readonly id: number;
  readonly phase: 'taken' | 'stopping' | 'standstill' | 'failed';
  readonly t_ms: number;
  readonly detail: string;
  /** Tool travel from the press's arrival to standstill, m; at `standstill`. */
  readonly travel_m?: number;
}

export type LeaseWish = (typeof LEASE_WISHES)[number];
export type GoTarget = (typeof GO_TARGETS)[number];
