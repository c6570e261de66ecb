import { expect } from 'vitest';
import { forwardKinematics, frameIndex, framePose, RobotData } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import {
  type CommandRequest,
  createCommandRequest,
  type Envelope,
  envelopeForRobot,
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

  constructor(robot: Robot, envelope: Envelope = tableEnvelope(robot), hz = 500, start = robot.home_q) {
    this.robot = robot;
    this.hz = hz;
    this.request = createCommandRequest(robot.arm_joints);
    this.gate = new SafetyGate(envelope, robot, hz, 7);
    this.gate.reset(start, 0.08);
    this.request.gripper_width_m = 0.08;
    for (let i = 0; i < 3; i++) this.step();
  }

  get t_s(): number {
    return this.cycle / this.hz;
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
    return this.gate.step(this.t_s, this.request);
  }

  runToRest(): void {
    for (let i = 0; i < 1000 && !this.gate.atRest; i++) this.step('none');
    expect(this.gate.atRest).toBe(true);
  }
}

/** Judges outputs from their positions alone, by backward differences, and the tool by forward kinematics. */
export class Judge {
  worst = '';
  private readonly envelope: Envelope;
  private readonly hz: number;
  private readonly p: Float64Array;
  private readonly robot: Robot;
  private readonly v: Float64Array;
  private readonly a: Float64Array;
  private readonly data: RobotData;
  private readonly q: Float64Array;
  private readonly pose = new Float64Array(12);

  constructor(rig: GateRig) {
    const { robot } = rig;
    const n = robot.arm_joints;
    this.robot = robot;
    this.v = new Float64Array(n);
    this.a = new Float64Array(n);
    this.data = new RobotData(robot.model);
    this.q = robot.home_q.slice();
    this.envelope = rig.gate.envelope;
    this.hz = rig.hz;
    this.p = rig.gate.lastCommand.position.slice();
  }

  look(command: SafeCommand, label: string): void {
    const rounding = 4e-14 * this.hz ** 3;
    for (let i = 0; i < this.envelope.joints.length; i++) {
      const limits = this.envelope.joints[i];
      const p = command.position[i];
      const v = (p - this.p[i]) * this.hz;
      const a = (v - this.v[i]) * this.hz;
      const j = (a - this.a[i]) * this.hz;
      const bad =
        !(p >= limits.position_lower_rad && p <= limits.position_upper_rad) ||
        !(Math.abs(v) <= limits.velocity_rad_per_s * (1 + 1e-9) + rounding / this.hz ** 2) ||
        !(Math.abs(a) <= limits.acceleration_rad_per_s2 * (1 + 1e-9) + rounding / this.hz) ||
        !(Math.abs(j) <= limits.jerk_rad_per_s3 * (1 + 1e-9) + rounding);
      if (bad && this.worst === '') this.worst = `${label}: joint ${i} p ${p} v ${v} a ${a} j ${j}`;
      this.p[i] = p;
      this.v[i] = v;
      this.a[i] = a;
      this.q[i] = p;
    }
    const box = this.envelope.workspace;
    if (box === null) return;
    forwardKinematics(this.robot.model, this.data, this.q);
    framePose(this.robot.model, this.data, frameIndex(this.robot.model, this.envelope.tool.frame), this.pose);
    for (let axis = 0; axis < 3; axis++) {
      const x = this.pose[9 + axis];
      if (!(x >= box.lower_m[axis] - 1e-9 && x <= box.upper_m[axis] + 1e-9) && this.worst === '') {
        this.worst = `${label}: tool axis ${axis} at ${x}`;
      }
    }
  }
}
