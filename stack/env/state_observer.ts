import { COLOURS, OBJECT_CLASSES, type TaskGoal, type Vector3 } from '../../contracts/index.ts';
import {
  forwardKinematics,
  frameIndex,
  frameJacobian,
  framePose,
  quaternionToMatrix,
  RobotData,
} from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { PhysicsEngine, SceneModel } from '../../sim/index.ts';
import { destination, goalValues, isWanted } from './goal.ts';
import type { ObservationLayout } from './layout.ts';
import { boxAround } from './sizes.ts';

/** What is told of the objects of a scene. */
export type ToldObjects = Pick<PhysicsEngine, 'object_count' | 'objectState' | 'handTouches'>;

/** What an observation is made of besides the engine. */
export interface RobotReadings {
  /** Joints as told, nq: rad or m, rad/s or m/s. */
  readonly position: Float64Array;
  readonly velocity: Float64Array;
  /** Arm joints' target less position is told (rad). */
  readonly target: Float64Array;
  /** On the hand, axes of the tool frame (N, Nm). */
  readonly wrench: Float64Array;
  /** Share of the time limit that is left, 0..1. */
  readonly time_left: number;
}

/**
 * Writes observation vectors of one world as `stateLayout` and `proprioceptionLayout` describe them. `update` computes the
 * tool's pose, which others use too; writing allocates nothing.
 */
export class StateObserver {
  /** Tool frame: rotation row-major 9, position 3 (m), frame world. */
  readonly tool = new Float64Array(12);
  /** Linear (m/s) and angular (rad/s) velocity of the tool frame, frame world. */
  readonly tool_velocity = new Float64Array(6);
  private readonly robot: Robot;
  private readonly engine: ToldObjects;
  private readonly data: RobotData;
  private readonly frame: number;
  private readonly J: Float64Array;
  private readonly goal: Float64Array;
  private readonly named: Float64Array;
  /** For every object: wanted, class one-hot, sizes, whether there is a destination, and its x and y. */
  private readonly known: Float64Array;
  private readonly state = new Float64Array(13);
  private readonly R = new Float64Array(9);
  /** Objects that the layout has room for. */
  private readonly room: number;
  private readonly low: Float64Array;
  private readonly high: Float64Array;

  constructor(
    robot: Robot,
    engine: ToldObjects,
    scene: Pick<SceneModel, 'objects'>,
    goal: TaskGoal,
    layout: ObservationLayout,
  ) {
    this.robot = robot;
    this.engine = engine;
    this.data = new RobotData(robot.model);
    this.frame = frameIndex(robot.model, robot.tcp_frame);
    this.J = new Float64Array(6 * robot.model.nq);
    this.goal = Float64Array.from(goalValues(goal));
    this.named = Float64Array.from(namedObject(goal));
    this.known = Float64Array.from(
      scene.objects.flatMap((object) => {
        const to: Vector3 | null = destination(goal, object);
        return [
          isWanted(goal, object) ? 1 : 0,
          ...oneHot(OBJECT_CLASSES, object.class),
          ...boxAround(object.shape).size,
          to === null ? 0 : 1,
          to?.[0] ?? 0,
          to?.[1] ?? 0,
        ];
      }),
    );
    this.room = layout.fields.filter(({ name }) => /^object\d+_present$/.test(name)).length;
    this.low = bounds(layout, 'low');
    this.high = bounds(layout, 'high');
  }

  /** Computes where the tool is and how it moves, with joints at `q` and `v` (nq). */
  update(q: Float64Array, v: Float64Array): void {
    const { robot, data, frame, J, tool_velocity } = this;
    const { nq } = robot.model;
    forwardKinematics(robot.model, data, q);
    framePose(robot.model, data, frame, this.tool);
    frameJacobian(robot.model, data, frame, J);
    for (let r = 0; r < 6; r++) {
      let sum = 0;
      for (let j = 0; j < nq; j++) sum += J[r * nq + j] * v[j];
      tool_velocity[r] = sum;
    }
  }

  /** The whole state of robot, goal and objects from `offset` on; after `update`. */
  writeState(readings: RobotReadings, out: Float32Array, offset: number): void {
    let at = this.writeRobot(readings, out, offset);
    for (let k = 0; k < this.goal.length; k++) out[at++] = this.goal[k];
    const told = Math.min(this.room, this.engine.object_count);
    for (let i = 0; i < told; i++) at = this.writeObject(i, out, at);
    // Clipping runs to the layout's end; entries of absent objects are 0.
    const end = offset + this.low.length;
    while (at < end) out[at++] = 0;
    this.clip(out, offset);
  }

  /** What the robot knows of itself and its task, from `offset` on; after `update`. */
  writeProprioception(readings: RobotReadings, out: Float32Array, offset: number): void {
    let at = this.writeRobot(readings, out, offset);
    for (let k = 0; k < this.goal.length; k++) out[at++] = this.goal[k];
    for (let k = 0; k < this.named.length; k++) out[at++] = this.named[k];
    this.clip(out, offset);
  }

  private writeRobot(readings: RobotReadings, out: Float32Array, offset: number): number {
    const { robot, tool, tool_velocity } = this;
    const { position: q, velocity: v } = readings;
    const n = robot.arm_joints;
    let at = offset;
    for (let j = 0; j < n; j++) out[at++] = q[j];
    for (let j = 0; j < n; j++) out[at++] = v[j];
    for (let j = 0; j < n; j++) out[at++] = readings.target[j] - q[j];
    const finger = robot.gripper === null ? -1 : robot.gripper.coordinate;
    out[at++] = finger < 0 ? 0 : 2 * q[finger];
    out[at++] = finger < 0 ? 0 : 2 * v[finger];
    for (let k = 9; k < 12; k++) out[at++] = tool[k];
    at = writeAxes(tool, out, at);
    for (let k = 0; k < 6; k++) out[at++] = tool_velocity[k];
    for (let k = 0; k < 6; k++) out[at++] = readings.wrench[k];
    out[at++] = readings.time_left;
    return at;
  }

  private writeObject(i: number, out: Float32Array, offset: number): number {
    const { engine, known, state, tool, R } = this;
    engine.objectState(i, state, 0);
    quaternionToMatrix(state, 3, R);
    const k = KNOWN * i;
    let at = offset;
    out[at++] = 1;
    out[at++] = known[k];
    out[at++] = engine.handTouches(i) ? 1 : 0;
    for (let c = 1; c < 6; c++) out[at++] = known[k + c];
    for (let c = 0; c < 3; c++) out[at++] = state[c] - tool[9 + c];
    at = writeAxes(R, out, at);
    for (let c = 7; c < 13; c++) out[at++] = state[c];
    for (let c = 0; c < 2; c++) out[at++] = known[k + 6] === 0 ? 0 : known[k + 7 + c] - state[c];
    return at;
  }

  private clip(out: Float32Array, offset: number): void {
    const { low, high } = this;
    for (let k = 0; k < low.length; k++) {
      const value = out[offset + k];
      if (value < low[k]) out[offset + k] = low[k];
      else if (value > high[k]) out[offset + k] = high[k];
    }
  }
}

/** Entries of `known` for each object. */
const KNOWN = 9;

/** x and y axes of a rotation: its first two columns. */
function writeAxes(R: ArrayLike<number>, out: Float32Array, offset: number): number {
  let at = offset;
  for (let c = 0; c < 2; c++) for (let r = 0; r < 3; r++) out[at++] = R[3 * r + c];
  return at;
}

function namedObject(goal: TaskGoal): readonly number[] {
  if (goal.task !== 'pick-place') return [];
  return [...oneHot(OBJECT_CLASSES, goal.object.class), ...oneHot(COLOURS, goal.object.colour)];
}

function oneHot<T>(all: readonly T[], one: T): readonly number[] {
  return all.map((each) => (each === one ? 1 : 0));
}

/** One limit for every entry, as float32, so that what is clipped is inside the same limits elsewhere. */
function bounds({ size, fields }: ObservationLayout, side: 'low' | 'high'): Float64Array {
  const out = new Float64Array(size);
  for (const { offset, size: count, [side]: limit } of fields) {
    for (let k = 0; k < count; k++) out[offset + k] = Math.fround(typeof limit === 'number' ? limit : limit[k]);
  }
  return out;
}
