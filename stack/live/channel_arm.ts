import type { RobotState } from '../../control/index.ts';
import type { Robot } from '../../robots/index.ts';
import {
  ARM_COMMAND,
  ARM_PHASES,
  ARM_STATE,
  ArmServo,
  type ChannelReader,
  type ChannelWriter,
} from '../../runtime/index.ts';
import type { PhysicsEngine, SimArm } from '../../sim/index.ts';

/** An arm on its brakes this far from where its servo believes it holds from there on: rad, and at rest below rad/s. */
const SETTLED_RAD = 0.002;
const REST_RAD_S = 0.02;
/** A sender that misses deadlines is slower than its velocities say: this much of its speed is made up for, and rad/s. */
const FOLLOWING = { position_gain_per_s: 50, correction_part: 1, correction_rad_per_s: 0.3 } as const;

/**
 * The robot's side of the command and state channels in front of an arm in a physics engine: servo with watchdog, gripper,
 * and the state it reports. Whoever controls the arm finds here what a real one would be. Allocates nothing once made.
 */
export class ChannelArm {
  readonly servo: ArmServo;
  /** Since it was made; goes on through resets of the world. */
  cycles = 0;
  /** Times that the arm came to rest by itself, because commands stopped coming or its drives were switched off. */
  braked = 0;
  private readonly robot: Robot;
  private readonly commands: ChannelReader;
  private readonly states: ChannelWriter;
  /** Width (m) and force (N) last asked of the gripper. */
  private readonly grip = new Float64Array(2);
  /** Records by the cycle in which they came, and that cycle, for a line with latency. */
  private readonly line: readonly Float64Array[];
  private readonly came: Float64Array;

  /**
   * @param hz  physics steps a second: cycles of the arm, and of whoever commands it
   * @param latency_cycles  from a command to its effect
   */
  constructor(robot: Robot, hz: number, commands: ChannelReader, states: ChannelWriter, latency_cycles = 0) {
    this.robot = robot;
    this.commands = commands;
    this.states = states;
    this.servo = new ArmServo(robot.limits, robot.home_q, hz, FOLLOWING);
    this.line = Array.from({ length: latency_cycles + 1 }, () => new Float64Array(commands.payload.length));
    this.came = new Float64Array(latency_cycles + 1).fill(-1);
    this.holdGrip(robot.home_q);
  }

  /** Whether arm and fingers stand, held by the arm itself. */
  standing({ v }: Pick<PhysicsEngine, 'v'>): boolean {
    return this.servo.phase === 'holding' && v.every((x) => Math.abs(x) < REST_RAD_S);
  }

  /** Brings it to rest by itself; commands that come meanwhile are refused. */
  halt(): void {
    this.servo.halt();
  }

  /** At rest at once, for a world that is put to another state. */
  stand(): void {
    this.servo.halt();
    while (this.servo.phase === 'braking') this.servo.step();
  }

  /** Takes the newest command, if there is one. Without latency it counts at once, else in a later cycle. */
  receive(): void {
    if (!this.commands.poll()) return;
    const slot = this.cycles % this.line.length;
    this.line[slot].set(this.commands.payload);
    this.came[slot] = this.cycles;
  }

  /** One cycle: sets what the arm's drives do in the next step of the engine. */
  advance(arm: SimArm, engine: PhysicsEngine): void {
    const { servo, line, came, cycles } = this;
    const arrived = cycles - (line.length - 1);
    const slot = ((arrived % line.length) + line.length) % line.length;
    if (arrived >= 0 && came[slot] === arrived) this.take(line[slot]);
    const before = servo.phase;
    servo.step();
    if (before !== 'braking' && servo.phase === 'braking') this.braked++;
    if (servo.phase === 'holding') this.settle(engine);
    arm.drive(servo.q, servo.v, this.grip);
    this.cycles++;
  }

  /** Sends the state as the sensors show it now. */
  report({ position, velocity, effort, wrench }: RobotState): void {
    const { states, servo } = this;
    const { payload } = states;
    const nq = position.length;
    payload[ARM_STATE.cycles] = this.cycles;
    payload[ARM_STATE.phase] = ARM_PHASES.indexOf(servo.phase);
    payload[ARM_STATE.session] = servo.session;
    payload[ARM_STATE.sequence] = servo.sequence;
    payload[ARM_STATE.refused] = servo.refused;
    payload.set(position, ARM_STATE.coordinates);
    payload.set(velocity, ARM_STATE.coordinates + nq);
    payload.set(effort, ARM_STATE.coordinates + 2 * nq);
    payload.set(wrench, ARM_STATE.coordinates + 3 * nq);
    states.send();
  }

  /** Holds arm and fingers where the engine now has them; only for an arm that stands. */
  place({ q }: Pick<PhysicsEngine, 'q'>): void {
    this.servo.place(q);
    this.holdGrip(q);
    this.came.fill(-1);
  }

  private take(record: Float64Array): void {
    if (this.servo.receive(record) !== 'accepted') return;
    this.grip[0] = record[ARM_COMMAND.gripper_width_m];
    this.grip[1] = record[ARM_COMMAND.gripper_force_N];
  }

  private holdGrip(q: Float64Array): void {
    const { gripper } = this.robot;
    if (gripper === null) return;
    this.grip[0] = 2 * q[gripper.coordinate];
    this.grip[1] = gripper.max_force_N;
  }

  /** Brakes hold an arm where it came to stand, not where it should have. */
  private settle({ q, v }: PhysicsEngine): void {
    const { servo } = this;
    let away = 0;
    for (let i = 0; i < servo.q.length; i++) {
      if (Math.abs(v[i]) > REST_RAD_S) return;
      away = Math.max(away, Math.abs(q[i] - servo.q[i]));
    }
    if (away > SETTLED_RAD) servo.place(q);
  }
}
