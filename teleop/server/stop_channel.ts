import { type Bus, type JointState, type SafetyState, SERVICES } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { StopProgress } from '../protocol/index.ts';
import type { RobotSide } from './robot_side.ts';
import { ToolPoint } from './tool_point.ts';

type Tell = (progress: StopProgress) => void;

/** The arm counts as at a standstill below this (rad/s). */
const STANDSTILL_RAD_S = 2e-3;
/** The press is not confirmed if the arm does not stand by then, ms. */
const PATIENCE_MS = 3000;

interface Press {
  readonly id: number;
  readonly tell: Tell;
  readonly taken_ms: number;
  readonly from: readonly number[] | null;
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

  constructor(robot: Robot, side: RobotSide) {
    this.bus = side.bus;
    this.side = side;
    this.robot = robot;
    this.tool = new ToolPoint(robot);
    side.listenToJoints((joints) => this.look(joints, side.safety?.message ?? null));
    side.listenToSafety((safety) => this.look(side.joints?.message ?? null, safety));
  }

  /** Stops the arm. `tell` hears that the press was taken before anything else is done. */
  press(id: number, tell: Tell): void {
    const taken_ms = this.side.now_ms();
    this.pressed++;
    tell({ type: 'stop', id, phase: 'taken', t_ms: taken_ms, detail: '' });
    const from = this.side.joints === null ? null : this.tool.at(this.side.joints.message.position);
    const press: Press = { id, tell, taken_ms, from, stopping: false };
    this.open.add(press);
    this.bus.call(SERVICES.safety_stop, {}).then(
      ({ success, message }) => {
        if (success) this.stopping(press, message);
        else this.fail(press, message);
      },
      (error: unknown) => this.fail(press, error instanceof Error ? error.message : String(error)),
    );
  }

  /** Gives up on presses whose arm does not come to rest; to be called several times a second. */
  watch(): void {
    for (const press of this.open) {
      if (this.side.now_ms() - press.taken_ms > PATIENCE_MS) this.fail(press, 'the arm does not come to a standstill');
    }
  }

  private stopping(press: Press, detail: string): void {
    if (press.stopping || !this.open.has(press)) return;
    press.stopping = true;
    press.tell({ type: 'stop', id: press.id, phase: 'stopping', t_ms: this.side.now_ms(), detail });
  }

  private fail(press: Press, detail: string): void {
    if (!this.open.delete(press)) return;
    press.tell({ type: 'stop', id: press.id, phase: 'failed', t_ms: this.side.now_ms(), detail });
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
      const travel_m = distance(press.from, this.tool.at(joints.position));
      const detail = safety.reasons.join('; ');
      const t_ms = this.side.now_ms();
      press.tell({ type: 'stop', id: press.id, phase: 'standstill', t_ms, detail, travel_m });
    }
  }
}

function distance(from: readonly number[] | null, to: readonly number[] | null): number {
  return from === null || to === null ? 0 : Math.hypot(...to.map((x, i) => x - from[i]));
}
