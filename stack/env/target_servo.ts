import type { CommandSource } from '../../control/index.ts';
import { DEFAULT_SCALE, type LimitScale, scaleLimits } from '../../planning/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { CommandRequest, SafetyGate } from '../../safety/index.ts';
import { TrajectoryGenerator, TrajectoryInput } from '../../trajectory/index.ts';

/** As quick as planned motions, with half of the arm's acceleration: a policy corrects itself many times a second. */
const SERVO_SCALE: LimitScale = { ...DEFAULT_SCALE, acceleration: 0.5 };

/**
 * Brings the arm's joints to a target that changes as it likes, time-optimally within limits of velocity, acceleration and
 * jerk: planned anew with every target from what the gate last sent, so that it goes on from what truly happened. One
 * position command a cycle; nothing is allocated.
 */
export class TargetServo implements CommandSource {
  /** Where the joints are to come to rest (rad). */
  readonly target: Float64Array;
  private readonly hz: number;
  private readonly input: TrajectoryInput;
  private readonly generator: TrajectoryGenerator;
  private readonly velocity: Float64Array;
  private readonly acceleration: Float64Array;
  private replan = false;
  private moving = false;
  private cycle = 0;

  /** @param hz  cycles of the control loop a second */
  constructor(robot: Robot, hz: number) {
    const n = robot.arm_joints;
    const limits = scaleLimits(robot.limits, SERVO_SCALE);
    this.hz = hz;
    this.target = robot.home_q.slice(0, n);
    this.input = new TrajectoryInput(n);
    this.input.vmax.set(limits.velocity);
    this.input.amax.set(limits.acceleration);
    this.input.jmax.set(limits.jerk);
    this.generator = new TrajectoryGenerator(n);
    this.velocity = new Float64Array(n);
    this.acceleration = new Float64Array(n);
  }

  /** The target has been changed: plan from the next cycle on. */
  retarget(): void {
    this.replan = true;
  }

  update(_motion_s: number, gate: SafetyGate, request: CommandRequest): void {
    if (this.replan) {
      const { position, velocity, acceleration } = gate.lastCommand;
      this.input.p0.set(position);
      this.input.v0.set(velocity);
      this.input.a0.set(acceleration);
      this.input.p1.set(this.target);
      this.moving = this.generator.plan(this.input, 'time');
      this.replan = false;
      this.cycle = 0;
    }
    // A start that no motion brings to the target within the limits comes to rest by the gate's own stop.
    if (!this.moving) return;
    this.cycle++;
    request.kind = 'position';
    this.generator.sample(this.cycle / this.hz, request.values, this.velocity, this.acceleration);
  }
}
