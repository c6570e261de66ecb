import { type Bus, type JointState, type SafetyState, SERVICES } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { StopProgress } from '../protocol/index.ts';
import type { RobotSide } from './robot_side.ts';
import { ToolPoint } from './tool_point.ts';

type Tell = (progress: StopProgress) => void;
type Travel = Pick<StopProgress, 'travel_m'>;

/** The arm counts as at a standstill below this (rad/s). */
const STANDSTILL_RAD_S = 2e-3;
/** The press is not confirmed if the arm does not stand by then, ms. */
const PATIENCE_MS = 3000;
/** For so long a press is known again: longer than a page tries to send it, ms. */
const KNOWN_MS = 15_000;

interface Press {
  readonly id: number;
  /** Whose it is; empty where that is not known. */
  readonly key: string;
  readonly hearers: Tell[];
  /** What its hearers were told. */
  readonly said: StopProgress[];
  readonly taken_ms: number;
  from: readonly number[] | null;
  stopping: boolean;
}

/** What a press of Stop does: the supervisor's stop at once, then word of every step until the arm stands. */
export class StopChannel {
  /** Presses so far. */
  pressed = 0;
  private readonly bus: Bus;
  private readonly side: RobotSide;
  private readonly robot: Robot;
  private readonly tool: ToolPoint;
  private readonly open = new Set<Press>();
  private readonly known = new Map<string, Press>();

  constructor(robot: Robot, side: RobotSide) {
    this.bus = side.bus;
    this.side = side;
    this.robot = robot;
    this.tool = new ToolPoint(robot);
    side.listenToJoints((joints) => this.look(joints, side.safety?.message ?? null));
    side.listenToSafety((safety) => this.look(side.joints?.message ?? null, safety));
  }

  /**
   * Stops the arm. `tell` hears that the press was taken before anything else is done. A page sends a press by two ways and
   * again: a copy of one that has stopped the arm is told of it and stops nothing, since a reset may have come in between.
   *
   * @param key  the same for every copy of a press, and for no other; empty where that is not known
   * @returns whether it was no such copy
   */
  press(id: number, tell: Tell, key = ''): boolean {
    const before = this.known.get(key);
    if (before?.stopping) {
      for (const progress of before.said) tell(progress);
      before.hearers.push(tell);
      return false;
    }
    this.pressed++;
    const taken_ms = this.side.now_ms();
    const press: Press = { id, key, hearers: [tell], said: [], taken_ms, from: null, stopping: false };
    this.tell(press, 'taken', '');
    press.from = this.toolNow();
    this.open.add(press);
    if (key !== '') this.known.set(key, press);
    this.bus.call(SERVICES.safety_stop, {}).then(
      ({ success, message }) => {
        if (success) this.stopping(press, message);
        else this.fail(press, message);
      },
      (error: unknown) => this.fail(press, error instanceof Error ? error.message : String(error)),
    );
    return true;
  }

  /** Gives up on presses whose arm does not come to rest; to be called several times a second. */
  watch(): void {
    const now_ms = this.side.now_ms();
    for (const press of this.open) {
      if (now_ms - press.taken_ms > PATIENCE_MS) this.fail(press, 'the arm does not come to a standstill');
    }
    for (const [key, { taken_ms }] of this.known) if (now_ms - taken_ms > KNOWN_MS) this.known.delete(key);
  }

  private toolNow(): readonly number[] | null {
    return this.side.joints === null ? null : this.tool.at(this.side.joints.message.position);
  }

  private tell(press: Press, phase: StopProgress['phase'], detail: string, more: Travel = {}): void {
    const progress = { type: 'stop', id: press.id, phase, t_ms: this.side.now_ms(), detail, ...more } as const;
    press.said.push(progress);
    for (const hear of press.hearers) hear(progress);
  }

  private stopping(press: Press, detail: string): void {
    if (press.stopping || !this.open.has(press)) return;
    press.stopping = true;
    this.tell(press, 'stopping', detail);
  }

  private fail(press: Press, detail: string): void {
    if (!this.open.delete(press)) return;
    if (this.known.get(press.key) === press) this.known.delete(press.key);
    this.tell(press, 'failed', detail);
  }

  private look(joints: JointState | null, safety: SafetyState | null): void {
    if (this.open.size === 0 || joints === null || safety === null) return;
    const stopped = safety.mode === 'protective_stop' || safety.mode === 'emergency_stop' || safety.mode === 'fault';
    const arm = joints.velocity.subarray(0, this.robot.arm_joints);
    const stands = stopped && arm.every((v) => Math.abs(v) < STANDSTILL_RAD_S);
    for (const press of this.open) {
      // The state may be older than the stop.
      if (stopped) this.stopping(press, safety.reasons.join('; '));
      if (!stands || !press.stopping) continue;
      this.open.delete(press);
      this.tell(press, 'standstill', safety.reasons.join('; '), {
        travel_m: distance(press.from, this.tool.at(joints.position)),
      });
    }
  }
}

function distance(from: readonly number[] | null, to: readonly number[] | null): number {
  return from === null || to === null ? 0 : Math.hypot(...to.map((x, i) => x - from[i]));
}
