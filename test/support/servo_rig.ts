import type { RobotState, Servo, ServoGateView } from '../../control/index.ts';
import type { JointLimits } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { type CommandRequest, createCommandRequest, type SafetyMode } from '../../safety/index.ts';

/** What commands the arm of a rig. */
interface Source {
  update(motion_s: number, state: RobotState, gate: ServoGateView, request: CommandRequest): void;
}

/** An arm that goes exactly where a servo sends it, and what was asked of it at worst, as shares of the limits. */
export class ServoRig<S extends Source = Servo> {
  readonly servo: S;
  readonly hz: number;
  readonly request: CommandRequest;
  readonly state: RobotState;
  readonly gate: {
    mode: SafetyMode;
    paceOf(velocity: Float64Array): number;
    speedShareOf(velocity: Float64Array): number;
    readonly lastCommand: { position: Float64Array; velocity: Float64Array; acceleration: Float64Array };
  };
  cycle = 0;
  worst_velocity = 0;
  worst_acceleration = 0;
  worst_jerk = 0;
  worst_position = 0;
  private readonly limits: JointLimits;
  private readonly n: number;

  constructor(robot: Robot, servo: S, hz: number, limits: JointLimits, start: Float64Array = robot.home_q) {
    const n = robot.arm_joints;
    this.n = n;
    this.servo = servo;
    this.hz = hz;
    this.limits = limits;
    this.request = createCommandRequest(n);
    const { nq } = robot.model;
    this.state = {
      position: start.slice(),
      velocity: new Float64Array(nq),
      effort: new Float64Array(nq),
      wrench: new Float64Array(6),
    };
    this.gate = {
      mode: 'automatic',
      paceOf: () => 1,
      speedShareOf: () => 1,
      lastCommand: {
        position: start.slice(0, n),
        velocity: new Float64Array(n),
        acceleration: new Float64Array(n),
      },
    };
  }

  get q(): Float64Array {
    return this.gate.lastCommand.position;
  }

  get moving(): boolean {
    return this.gate.lastCommand.velocity.some((v) => Math.abs(v) > 1e-9);
  }

  /** Cycles, each after `before`. */
  run(cycles: number, before: (cycle: number) => void = () => {}): void {
    const { request, gate, state, servo, hz, limits } = this;
    const { position, velocity, acceleration } = gate.lastCommand;
    for (let k = 0; k < cycles; k++) {
      before(k);
      request.kind = 'none';
      servo.update(this.cycle++ / hz, state, gate, request);
      for (let i = 0; i < this.n; i++) {
        const p = request.kind === 'none' ? position[i] : request.values[i];
        const v = (p - position[i]) * hz;
        const a = (v - velocity[i]) * hz;
        const j = (a - acceleration[i]) * hz;
        this.worst_velocity = Math.max(this.worst_velocity, Math.abs(v) / limits.velocity[i]);
        this.worst_acceleration = Math.max(this.worst_acceleration, Math.abs(a) / limits.acceleration[i]);
        this.worst_jerk = Math.max(this.worst_jerk, Math.abs(j) / limits.jerk[i]);
        const room = Math.min(p - limits.position_lower[i], limits.position_upper[i] - p);
        this.worst_position = Math.max(this.worst_position, -room);
        position[i] = p;
        velocity[i] = v;
        acceleration[i] = a;
        state.position[i] = p;
        state.velocity[i] = v;
      }
    }
  }
}
