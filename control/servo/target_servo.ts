import type { JointLimits } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { CommandRequest, SafetyGate } from '../../safety/index.ts';
import { TrajectoryGenerator, TrajectoryInput } from '../../trajectory/index.ts';
import type { RobotState } from '../driver.ts';
import type { CommandSource } from '../loop.ts';

/** Shares of the robot's own limits: about as planned motions, with half of their jerk, since a target that changes all the time may turn it about in every step. */
const SERVO_SCALE = { velocity: 0.6, acceleration: 0.36, jerk: 0.025 };
/** Where something holds the arm back it stops faster than that, or it would bend the arm further all the while. */
const YIELD_SCALE = { velocity: 0.6, acceleration: 0.8, jerk: 0.2 };
/** A joint this far from where it was sent is held back by something: a third of what the gate stops the arm for (rad). */
const YIELD_RAD = 0.03;
/** What was sent is what was asked for within rounding. */
const FOLLOWED_RAD = 1e-9;

/**
 * Brings the arm's joints to a target that changes as it likes, time-optimally within limits of velocity, acceleration and
 * jerk: planned anew with every target from what the gate last sent, so that it goes on from what truly happened. Where
 * something holds the arm back the target gives way to where the arm is, until there is another one. One position command a
 * cycle; nothing is allocated.
 */
export class TargetServo implements CommandSource {
  /** Where the joints are to come to rest (rad). */
  readonly target: Float64Array;
  private readonly hz: number;
  private readonly limits: Scaled;
  private readonly yield_limits: Scaled;
  private readonly input: TrajectoryInput;
  private readonly generator: TrajectoryGenerator;
  private readonly velocity: Float64Array;
  private readonly acceleration: Float64Array;
  private replan = false;
  private yielded = false;
  private moving = false;
  private cycle = 0;

  /** @param hz  cycles of the control loop a second */
  constructor(robot: Robot, hz: number) {
    const n = robot.arm_joints;
    this.limits = scaled(robot.limits, SERVO_SCALE);
    this.yield_limits = scaled(robot.limits, YIELD_SCALE);
    this.hz = hz;
    this.target = robot.home_q.slice(0, n);
    this.input = new TrajectoryInput(n);
    this.generator = new TrajectoryGenerator(n);
    this.velocity = new Float64Array(n);
    this.acceleration = new Float64Array(n);
  }

  /** The target has been changed: plan from the next cycle on. */
  retarget(): void {
    this.replan = true;
    this.yielded = false;
  }

  update(_motion_s: number, state: RobotState, gate: SafetyGate, request: CommandRequest): void {
    request.source = 'policy';
    const held = isHeldBack(gate.lastCommand.position, state.position, this.target.length);
    if (!this.yielded && held) {
      for (let j = 0; j < this.target.length; j++) this.target[j] = state.position[j];
      this.yielded = true;
      this.replan = true;
    }
    const { position, velocity, acceleration } = gate.lastCommand;
    if (this.moving && this.cycle > 0 && !this.followed(position, request)) this.replan = true;
    if (this.replan) {
      const limits = held ? this.yield_limits : this.limits;
      this.input.vmax.set(limits.velocity);
      this.input.amax.set(limits.acceleration);
      this.input.jmax.set(limits.jerk);
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

  /** Whether the gate sent what was asked for in the cycle before. */
  private followed(sent: Float64Array, { values }: CommandRequest): boolean {
    for (let j = 0; j < this.target.length; j++) if (Math.abs(sent[j] - values[j]) > FOLLOWED_RAD) return false;
    return true;
  }
}

/** Whether one of the first `joints` is measured so far from where it is sent that something holds it (rad). */
export function isHeldBack(sent: Float64Array, measured: Float64Array, joints: number): boolean {
  for (let j = 0; j < joints; j++) if (Math.abs(sent[j] - measured[j]) > YIELD_RAD) return true;
  return false;
}

type Scaled = Pick<JointLimits, 'velocity' | 'acceleration' | 'jerk'>;

function scaled(limits: Scaled, { velocity, acceleration, jerk }: typeof SERVO_SCALE): Scaled {
  return {
    velocity: limits.velocity.map((x) => x * velocity),
    acceleration: limits.acceleration.map((x) => x * acceleration),
    jerk: limits.jerk.map((x) => x * jerk),
  };
}
