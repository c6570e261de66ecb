import { quantile } from '../../contracts/index.ts';
import { forwardKinematics, framePose, RobotData, rotationAngleBetween } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';

/** Of one quantity over an episode. */
export interface DriftNumbers {
  readonly median: number;
  readonly p95: number;
  readonly max: number;
  readonly final: number;
}

/** How far two traces of one world are apart, at `time_s`. */
export interface Drift {
  readonly time_s: readonly number[];
  /** Of the joint that is furthest, rad. */
  readonly joints_rad: readonly number[];
  readonly tool_m: readonly number[];
  readonly tool_rad: readonly number[];
  /** Of every object, in scene order; a row is one object. */
  readonly objects_m: readonly (readonly number[])[];
  readonly objects_rad: readonly (readonly number[])[];
}

/** Between samples, s. */
const PERIOD_S = 0.02;
/** An object's numbers in a trace: position, quaternion, velocities. */
const OBJECT_WIDTH = 13;

/**
 * Compares two traces step by step: rows of time, q, v and objects as TraceWriter writes them. A shorter one ends both.
 * @param width  of a row
 */
export function driftOf(robot: Robot, width: number, truth: Float64Array, played: Float64Array): Drift {
  const { nq } = robot.model;
  const first_object = 1 + 2 * nq;
  const objects = (width - first_object) / OBJECT_WIDTH;
  const rows = Math.min(truth.length, played.length) / width;
  const dt_s = rows > 1 ? truth[width] - truth[0] : PERIOD_S;
  const every = Math.max(1, Math.round(PERIOD_S / dt_s));
  const poses = [new ToolPose(robot), new ToolPose(robot)];
  const drift = {
    ...{ time_s: [] as number[], joints_rad: [] as number[], tool_m: [] as number[], tool_rad: [] as number[] },
    objects_m: Array.from({ length: objects }, () => [] as number[]),
    objects_rad: Array.from({ length: objects }, () => [] as number[]),
  };
  for (let row = every - 1; row < rows; row += every) {
    const at = row * width;
    drift.time_s.push(truth[at]);
    let furthest = 0;
    for (let j = 1; j <= robot.arm_joints; j++) furthest = Math.max(furthest, Math.abs(truth[at + j] - played[at + j]));
    drift.joints_rad.push(furthest);
    const [a, b] = [poses[0].of(truth, at + 1), poses[1].of(played, at + 1)];
    drift.tool_m.push(Math.hypot(a[9] - b[9], a[10] - b[10], a[11] - b[11]));
    drift.tool_rad.push(rotationAngleBetween(a, 0, b, 0));
    for (let k = 0; k < objects; k++) {
      const o = at + first_object + k * OBJECT_WIDTH;
      drift.objects_m[k].push(
        Math.hypot(truth[o] - played[o], truth[o + 1] - played[o + 1], truth[o + 2] - played[o + 2]),
      );
      drift.objects_rad[k].push(turnBetween(truth, played, o + 3));
    }
  }
  return drift;
}

export function driftNumbers(values: readonly number[]): DriftNumbers {
  const [median, p95] = [quantile(values, 0.5), quantile(values, 0.95)];
  return { median, p95, max: quantile(values, 1), final: values.at(-1) ?? Number.NaN };
}

/** Angle between two unit quaternions (xyzw) at an offset, rad; exact where they are near. */
function turnBetween(a: Float64Array, b: Float64Array, at: number): number {
  let [minus, plus] = [0, 0];
  for (let i = at; i < at + 4; i++) {
    minus += (a[i] - b[i]) ** 2;
    plus += (a[i] + b[i]) ** 2;
  }
  return 4 * Math.atan2(Math.sqrt(Math.min(minus, plus)), Math.sqrt(Math.max(minus, plus)));
}

class ToolPose {
  private readonly robot: Robot;
  private readonly data: RobotData;
  private readonly frame: number;
  private readonly q: Float64Array;
  private readonly pose = new Float64Array(12);

  constructor(robot: Robot) {
    this.robot = robot;
    this.data = new RobotData(robot.model);
    this.frame = robot.model.frames.findIndex(({ name }) => name === robot.tcp_frame);
    this.q = new Float64Array(robot.model.nq);
  }

  /** Rotation row-major 9 and position 3; overwritten by the next. */
  of(trace: Float64Array, at: number): Float64Array {
    for (let i = 0; i < this.q.length; i++) this.q[i] = trace[at + i];
    forwardKinematics(this.robot.model, this.data, this.q);
    framePose(this.robot.model, this.data, this.frame, this.pose);
    return this.pose;
  }
}
