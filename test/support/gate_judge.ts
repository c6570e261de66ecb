import { forwardKinematics, frameIndex, framePose, RobotData } from '../../dynamics/index.ts';
import type { Envelope, SafeCommand } from '../../safety/index.ts';
import type { GateRig } from './gate_rig.ts';

/** Judges outputs from their positions alone, by backward differences, and the tool by forward kinematics. */
export class Judge {
  worst = '';
  /** Cycles in which the arm was near an obstacle that had come too near by itself. */
  excused = 0;
  private readonly rig: GateRig;
  private readonly hz: number;
  private readonly p: Float64Array;
  private readonly v: Float64Array;
  private readonly a: Float64Array;
  private readonly tau: Float64Array;
  private torque_before = false;
  private readonly data: RobotData;
  private readonly q: Float64Array;
  private readonly pose = new Float64Array(12);
  /** Tool positions of this cycle and the two before, 9, and how many of them are known. */
  private readonly trail = new Float64Array(9);
  private known = 0;
  private readonly collisions: boolean;
  private surprised = false;
  private floor_m = 0;

  /** @param collisions  measures the distances of all pairs too, which takes some 20 µs a cycle */
  constructor(rig: GateRig, collisions = false) {
    const { robot } = rig;
    this.rig = rig;
    this.hz = rig.hz;
    this.p = rig.gate.lastCommand.position.slice();
    this.v = new Float64Array(this.p.length);
    this.a = new Float64Array(this.p.length);
    this.tau = new Float64Array(this.p.length);
    this.data = new RobotData(robot.model);
    this.q = robot.home_q.slice();
    this.collisions = collisions;
  }

  look(command: SafeCommand, label: string): void {
    const { envelope } = this.rig.gate;
    const rounding = 4e-14 * this.hz ** 3;
    for (let i = 0; i < this.p.length; i++) {
      const limits = envelope.joints[i];
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
    this.lookAtTorque(command, envelope, label);
    this.lookAtTool(envelope, label);
    if (this.collisions) this.lookAround(label);
  }

  private lookAtTorque(command: SafeCommand, envelope: Envelope, label: string): void {
    for (let i = 0; i < this.tau.length && command.torque_interface; i++) {
      const { effort_Nm, effort_rate_Nm_per_s } = envelope.joints[i];
      const tau = command.effort[i];
      const rate = this.torque_before ? Math.abs(tau - this.tau[i]) * this.hz : 0;
      if (
        !(Math.abs(tau) <= effort_Nm * (1 + 1e-9) && rate <= effort_rate_Nm_per_s * (1 + 1e-9)) &&
        this.worst === ''
      ) {
        this.worst = `${label}: joint ${i} torque ${tau}, rate ${rate}`;
      }
      this.tau[i] = tau;
    }
    this.torque_before = command.torque_interface;
  }

  private lookAtTool(envelope: Envelope, label: string): void {
    const { workspace: box, tool } = envelope;
    if (box === null && tool.speed_m_per_s === null && tool.acceleration_m_per_s2 === null) return;
    const { model } = this.rig.robot;
    forwardKinematics(model, this.data, this.q);
    framePose(model, this.data, frameIndex(model, envelope.tool.frame), this.pose);
    this.lookAtToolMotion(envelope, label);
    for (let axis = 0; axis < 3 && box !== null; axis++) {
      const x = this.pose[9 + axis];
      if (!(x >= box.lower_m[axis] - 1e-9 && x <= box.upper_m[axis] + 1e-9) && this.worst === '') {
        this.worst = `${label}: tool axis ${axis} at ${x}`;
      }
    }
  }

  private lookAtToolMotion({ tool }: Envelope, label: string): void {
    const { trail, pose, hz } = this;
    trail.copyWithin(3, 0, 6);
    trail.set(pose.subarray(9, 12));
    this.known++;
    if (this.known < 3) return;
    let speed = 0;
    let acceleration = 0;
    for (let axis = 0; axis < 3; axis++) {
      speed += (trail[axis] - trail[3 + axis]) ** 2;
      acceleration += (trail[axis] - 2 * trail[3 + axis] + trail[6 + axis]) ** 2;
    }
    const v = Math.sqrt(speed) * hz;
    const a = Math.sqrt(acceleration) * hz * hz;
    const top = (tool.speed_m_per_s ?? Number.POSITIVE_INFINITY) * (1 + 1e-9) + 1e-13 * hz;
    const most = (tool.acceleration_m_per_s2 ?? Number.POSITIVE_INFINITY) * (1 + 1e-9) + 1e-13 * hz * hz;
    if (!(v <= top && a <= most) && this.worst === '') this.worst = `${label}: tool ${v} m/s, ${a} m/s²`;
  }

  /** An arm that was clear stays clear; one that an obstacle came upon comes no nearer once it stands. */
  private lookAround(label: string): void {
    const { rig } = this;
    const clearance = rig.gate.clearanceOf(this.p);
    if (rig.obstacles_changed) {
      rig.obstacles_changed = false;
      this.surprised = true;
    }
    if (this.surprised) {
      this.excused++;
      this.floor_m = Math.min(0, clearance);
      if (rig.gate.atRest) this.surprised = false;
      return;
    }
    if (rig.obstacles_move) return;
    if (clearance < this.floor_m - 1e-9 && this.worst === '') {
      this.worst = `${label}: clearance ${clearance} m, was ${this.floor_m}`;
    }
    this.floor_m = Math.min(0, Math.max(this.floor_m, clearance));
  }
}
