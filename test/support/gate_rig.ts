import { expect } from 'vitest';
import type { Robot } from '../../robots/index.ts';
import {
  type CommandRequest,
  createCommandRequest,
  type Envelope,
  envelopeForRobot,
  type MeasuredState,
  type Obstacle,
  type SafeCommand,
  SafetyGate,
  Supervisor,
} from '../../safety/index.ts';

/** Box for the tool of an arm on a table. */
export const TABLE = { lower_m: [-0.3, -0.7, -0.005], upper_m: [0.9, 0.7, 1.2] } as const;

/** The robot's default envelope with the table's box. */
export function tableEnvelope(robot: Robot): Envelope {
  return { ...envelopeForRobot(robot), workspace: TABLE };
}

/** A gate with a supervisor that is stepped with it, and time that runs by itself. */
export class GateRig {
  readonly gate: SafetyGate;
  readonly supervisor = new Supervisor();
  readonly request: CommandRequest;
  readonly robot: Robot;
  readonly hz: number;
  cycle = 0;
  leased = true;
  /** How late the clock is. */
  late_s = 0;
  /** The arm's own emergency stop. */
  emergency = false;
  /** What the arm reports before every cycle; null for an arm that follows exactly. */
  measured: MeasuredState | null = null;
  /** Set when obstacles change, until somebody has looked. */
  obstacles_changed = false;
  obstacles_move = false;

  constructor(
    robot: Robot,
    envelope: Envelope = tableEnvelope(robot),
    hz = 500,
    start = robot.home_q,
    gate = new SafetyGate(envelope, robot, hz, 7),
  ) {
    this.robot = robot;
    this.hz = hz;
    this.request = createCommandRequest(robot.arm_joints);
    this.gate = gate;
    this.gate.reset(start, 0.08);
    this.request.gripper_width_m = 0.08;
    for (let i = 0; i < 3; i++) this.step();
  }

  get t_s(): number {
    return this.cycle / this.hz;
  }

  setObstacles(obstacles: readonly Obstacle[]): void {
    this.gate.setObstacles(obstacles, this.t_s);
    this.obstacles_changed = true;
    this.obstacles_move = obstacles.some(({ velocity_m_per_s }) => velocity_m_per_s.some((v) => v !== 0));
  }

  /** One cycle with a fresh command. */
  step(kind: CommandRequest['kind'] = 'none', values?: ArrayLike<number>): SafeCommand {
    this.request.stamp_s = (this.cycle + 1) / this.hz;
    this.request.kind = kind;
    if (values !== undefined) this.request.values.set(values);
    return this.cycleOnly();
  }

  /** One cycle with the request as it stands. */
  cycleOnly(): SafeCommand {
    this.cycle++;
    if (this.leased) {
      const nonce = this.supervisor.step(this.t_s, this.gate);
      if (nonce !== 0) this.gate.grant(nonce);
    }
    if (this.emergency) {
      const { position, velocity } = this.gate.lastCommand;
      this.gate.observe({ position, velocity, effort: new Float64Array(position.length), emergency_stop: true });
    } else this.gate.observe(this.measured);
    return this.gate.step(this.t_s + this.late_s, this.request);
  }

  runToRest(): void {
    for (let i = 0; i < 1000 && !this.gate.atRest; i++) this.step('none');
    expect(this.gate.atRest).toBe(true);
  }
}
