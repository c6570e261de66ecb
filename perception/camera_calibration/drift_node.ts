import {
  type CameraName,
  type JointState,
  type Node,
  type NodeContext,
  type Subscription,
  secondsToStamp,
  TOPICS,
} from '../../contracts/index.ts';
import type { CameraFrames } from '../camera_frames.ts';
import type { RgbdFrame } from '../detector.ts';
import type { ArmPosture, ArmSurface } from './arm_surface.ts';
import { type CameraDrift, CameraDriftMonitor } from './drift_monitor.ts';
import type { HandPosture } from './hand_eye_reprojection.ts';
import { intrinsicsOf } from './lens_model.ts';
import { fromMatrix, type RigidTransform } from './rigid_transform.ts';

/** The arm that cameras see, or that carries them. */
export interface SeenArm {
  /** Joints in the order in which positions are given. */
  readonly joint_names: readonly string[];
  readonly surface: ArmSurface;
  /** Where everything is with the joints as read (rad, m). Valid until the next call. */
  postureAt(position: Float64Array): { readonly hand: HandPosture; readonly arm: ArmPosture };
}

export interface DriftNodeOptions {
  readonly frames: Readonly<Record<CameraName, CameraFrames>>;
  readonly arm: SeenArm;
  /** T_hand_camera of the camera on the hand, as calibrated. */
  readonly T_hand_camera: RigidTransform;
  /** Between two looks at one camera, s. Default 0.2. */
  readonly period_s?: number;
}

interface Watched {
  readonly camera: CameraName;
  readonly frames: CameraFrames;
  monitor: CameraDriftMonitor | null;
  /** The camera's lens and, of one that stands, its pose: with another one it is watched anew. */
  key: string;
  next_ns: bigint;
  moved: boolean;
}

/** Joint states that are kept, half a second of them; a picture's exposure lies between two. */
const STATES = 64;
/** Positions are taken between states no further apart than this, s. */
const GAP_S = 0.05;

/**
 * Watches where cameras stand while they do their ordinary work, on the cell's clock: by depth of the table and of the arm
 * where its joints put it. A camera that has moved is told in /diagnostics, in the log, and as a fault of its pictures, and so
 * is that it stands again where it should.
 */
export class CameraDriftNode implements Node {
  readonly name = 'camera_drift';
  private readonly options: DriftNodeOptions;
  private readonly period_ns: bigint;
  private readonly watched: readonly Watched[];
  private readonly states: { stamp_ns: bigint; readonly position: Float64Array }[];
  private readonly position: Float64Array;
  private newest = -1;
  private context: NodeContext | null = null;
  private unlisten: readonly (() => void)[] = [];
  private subscription: Subscription | null = null;

  constructor(options: DriftNodeOptions) {
    const { frames, arm, period_s = 0.2 } = options;
    this.options = options;
    this.period_ns = secondsToStamp(period_s);
    this.watched = Object.values(frames).map((of) => ({
      ...{ camera: of.camera, frames: of, monitor: null, key: '', next_ns: 0n, moved: false },
    }));
    const joints = arm.joint_names.length;
    this.position = new Float64Array(joints);
    this.states = Array.from({ length: STATES }, () => ({ stamp_ns: -1n, position: new Float64Array(joints) }));
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
    for (const one of this.watched) Object.assign(one, { monitor: null, key: '', next_ns: 0n, moved: false });
    this.forgetStates();
  }

  activate(): void {
    const context = this.required();
    this.subscription = context.bus.subscribe(TOPICS.joint_states, this.name, (state) => this.hear(state));
    this.unlisten = this.watched.map((one) => one.frames.listen(context, this.name, (frame) => this.take(one, frame)));
  }

  deactivate(): void {
    for (const stop of this.unlisten) stop();
    this.unlisten = [];
    this.subscription?.unsubscribe();
    this.subscription = null;
    this.forgetStates();
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    const told = this.watched.flatMap(({ camera, monitor, moved }): [string, string | number][] => {
      if (monitor === null) return [];
      const { shift_m, shift_sigma_m, rotation_rad, pictures } = monitor.drift;
      return [
        [`${camera}_moved`, moved ? 'yes' : 'no'],
        [`${camera}_shift_mm`, (1e3 * shift_m).toFixed(2)],
        [`${camera}_shift_sigma_mm`, (1e3 * shift_sigma_m).toFixed(2)],
        [`${camera}_turn_mrad`, (1e3 * rotation_rad).toFixed(2)],
        [`${camera}_pictures_for_drift`, pictures],
      ];
    });
    return Object.fromEntries(told);
  }

  private hear({ stamp_ns, names, position }: JointState): void {
    const { states, options } = this;
    // Time that went back: what was heard before is of another past.
    if (this.newest >= 0 && stamp_ns < states[this.newest].stamp_ns) this.forgetStates();
    this.newest = (this.newest + 1) % STATES;
    const slot = states[this.newest];
    slot.stamp_ns = stamp_ns;
    for (let j = 0; j < slot.position.length; j++) {
      const at = names[j] === options.arm.joint_names[j] ? j : names.indexOf(options.arm.joint_names[j]);
      slot.position[j] = at < 0 ? Number.NaN : position[at];
    }
  }

  private take(one: Watched, frame: RgbdFrame): void {
    const { stamp_ns } = frame.depth;
    const { clock } = this.required();
    if (stamp_ns < one.next_ns) return;
    // A repeated, covered or late picture says nothing of where its camera stands.
    const faulty = one.frames.findings(frame, clock.now_ns()).some(({ fault }) => fault !== 'moved');
    if (faulty || !this.interpolate(stamp_ns)) return;
    one.next_ns = stamp_ns + this.period_ns;
    const { hand, arm } = this.options.arm.postureAt(this.position);
    this.judge(one, this.monitorFor(one, frame).look(frame.depth, hand, arm), stamp_ns);
  }

  private monitorFor(one: Watched, { info }: RgbdFrame): CameraDriftMonitor {
    const stands = one.camera === 'overview';
    const { width, height, K, D, T_world_camera_optical: T } = info;
    const key = [width, height, ...K, ...D, ...(stands ? T : [])].join(' ');
    if (one.monitor !== null && key === one.key) return one.monitor;
    const monitor = new CameraDriftMonitor({
      ...{ width, height, intrinsics: intrinsicsOf(K, D) },
      mounting: stands ? 'eye_to_hand' : 'eye_in_hand',
      T_mount_camera: stands ? fromMatrix(T) : this.options.T_hand_camera,
      surface: stands ? this.options.arm.surface : null,
    });
    Object.assign(one, { monitor, key });
    return monitor;
  }

  private judge(one: Watched, drift: CameraDrift, stamp_ns: bigint): void {
    const size = `${(1e3 * drift.shift_m).toFixed(1)} mm and ${(1e3 * drift.rotation_rad).toFixed(1)} mrad`;
    one.frames.moved = drift.moved ? `by about ${size}` : '';
    if (drift.moved === one.moved) return;
    one.moved = drift.moved;
    const { bus, log } = this.required();
    const { camera } = one;
    const message = drift.moved
      ? `the ${camera} camera has moved by about ${size}: calibrate it again`
      : `the ${camera} camera stands where it should`;
    if (drift.moved) log.warn({ camera, shift_m: drift.shift_m, rotation_rad: drift.rotation_rad }, message);
    else log.info({ camera }, message);
    const level = drift.moved ? 'warn' : 'ok';
    const values = [
      { key: 'shift_m', value: drift.shift_m.toFixed(5) },
      { key: 'rotation_rad', value: drift.rotation_rad.toFixed(5) },
    ];
    bus.publish(TOPICS.diagnostics, {
      stamp_ns,
      status: [{ level, name: `${this.name}: ${camera}`, message, hardware_id: '', values }],
    });
  }

  /** Writes where the joints were at a time between two states; false where there are none about it. */
  private interpolate(stamp_ns: bigint): boolean {
    const { states, newest, position } = this;
    if (newest < 0 || states[newest].stamp_ns < stamp_ns) return false;
    for (let back = 1; back < STATES; back++) {
      const before = states[(newest - back + STATES) % STATES];
      if (before.stamp_ns < 0n) return false;
      if (before.stamp_ns > stamp_ns) continue;
      const after = states[(newest - back + 1 + STATES) % STATES];
      const gap_s = Number(after.stamp_ns - before.stamp_ns) / 1e9;
      if (gap_s > GAP_S) return false;
      const share = gap_s > 0 ? Number(stamp_ns - before.stamp_ns) / 1e9 / gap_s : 0;
      for (let j = 0; j < position.length; j++)
        position[j] = before.position[j] + share * (after.position[j] - before.position[j]);
      return position.every(Number.isFinite);
    }
    return false;
  }

  private forgetStates(): void {
    for (const state of this.states) state.stamp_ns = -1n;
    this.newest = -1;
  }

  private required(): NodeContext {
    if (this.context === null) throw new Error('the camera drift node is not configured');
    return this.context;
  }
}
