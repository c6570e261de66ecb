import type { ConvexMesh, Shape } from '../contracts/index.ts';
import {
  type FrameModel,
  forwardKinematics,
  frameIndex,
  framePose,
  multiplyMatrices,
  RobotData,
  type RobotModel,
  rotate,
} from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { ConvexSet } from './convex.ts';
import { supportMapOf } from './support_map.ts';

/** Name of the held object in allowed contacts and in reports. */
export const HELD = 'held object';

/**
 * The collision shapes of a robot, by link, and of one object it may hold, with a bounding sphere per link. After
 * `forward` poses are written on demand, each once: link spheres, shape centres, whole shapes. Allocates nothing there.
 */
export class LinkShapes {
  readonly model: RobotModel;
  /** Links with shapes in order of the model, the held object last. */
  readonly names: readonly string[];
  /** First shape of every link, and one entry more. */
  readonly first: Int32Array;
  /** Body of every link, −1 for the base. */
  readonly body: Int32Array;
  /** Sphere about every link's shapes: radius (m), and centre in the world 3 each, written by `placeLink`. */
  readonly bound: Float64Array;
  readonly centre: Float64Array;
  /** The shapes; positions written by `placeCentre`, whole poses by `placeShape`. */
  readonly shapes: ConvexSet;
  /** All coordinates of the model; the arm's are written by every `forward`. */
  readonly q: Float64Array;
  /** Pose of the tool frame, 12, written by `forward`. */
  readonly tool_pose = new Float64Array(12);
  readonly tool: FrameModel;
  holding = false;
  private readonly arm_joints: number;
  private readonly data: RobotData;
  private readonly tool_index: number;
  private readonly shape_body: Int32Array;
  /** Pose of every shape in its body, 12 each; centre of every link's sphere in its body, 3 each. */
  private readonly local: Float64Array;
  private readonly local_centre: Float64Array;
  /** Number of the `forward` at which a shape's centre, and its rotation, was last written. */
  private readonly centred: Float64Array;
  private readonly placed: Float64Array;
  private round = 0;

  constructor(robot: Robot) {
    const { model } = robot;
    this.model = model;
    this.arm_joints = robot.arm_joints;
    this.data = new RobotData(model);
    this.q = robot.home_q.slice();
    this.tool_index = frameIndex(model, robot.tcp_frame);
    this.tool = model.frames[this.tool_index];
    const count = model.collision.length;
    this.names = [...new Set(model.collision.map((shape) => shape.link)), HELD];
    const sorted = this.names.flatMap((link) => model.collision.filter((shape) => shape.link === link));
    this.shapes = new ConvexSet(count + 1);
    this.shape_body = new Int32Array(count + 1);
    this.local = new Float64Array(12 * (count + 1));
    this.centred = new Float64Array(count + 1);
    this.placed = new Float64Array(count + 1);
    for (const { shape, body, R, p } of sorted) {
      const index = this.shapes.add(shape);
      if (shape.type === 'mesh') this.shapes.maps[index] = supportMapOf(shape.vertices);
      this.shape_body[index] = body;
      this.local.set(R, 12 * index);
      this.local.set(p, 12 * index + 9);
    }
    this.shapes.add({ type: 'sphere', radius: 0.01 });
    this.shape_body[count] = this.tool.body;
    const links = this.names.length;
    const firsts = this.names.map((link) => sorted.findIndex((shape) => shape.link === link));
    firsts[links - 1] = count;
    this.first = Int32Array.from([...firsts, count + 1]);
    this.body = Int32Array.from({ length: links }, (_, link) => this.shape_body[this.first[link]]);
    this.bound = new Float64Array(links);
    this.centre = new Float64Array(3 * links);
    this.local_centre = new Float64Array(3 * links);
    for (let link = 0; link < links; link++) this.boundLink(link);
  }

  /** Links that count now: the held object's only while one is held. */
  get count(): number {
    return this.names.length - (this.holding ? 0 : 1);
  }

  shapeCount(link: number): number {
    return this.first[link + 1] - this.first[link];
  }

  /** Holds an object. @param T_tool_shape  rotation row-major 9 and position 3 (m) */
  hold(shape: Shape | ConvexMesh, T_tool_shape: Float64Array, padding_m: number): void {
    const { local, tool } = this;
    const held = this.names.length - 1;
    const index = this.first[held];
    this.shapes.set(index, shape, padding_m);
    multiplyMatrices(tool.R, 0, T_tool_shape, 0, local, 12 * index);
    const offset = rotate(tool.R, T_tool_shape.subarray(9, 12));
    for (let k = 0; k < 3; k++) local[12 * index + 9 + k] = offset[k] + tool.p[k];
    this.boundLink(held);
    this.holding = true;
  }

  /** Body poses for the arm joints at `offset` of q. */
  forward(q: Float64Array, offset: number): void {
    this.round++;
    for (let j = 0; j < this.arm_joints; j++) this.q[j] = q[offset + j];
    forwardKinematics(this.model, this.data, this.q);
    framePose(this.model, this.data, this.tool_index, this.tool_pose);
  }

  placeLink(link: number): void {
    this.toWorld(this.body[link], this.local_centre, 3 * link, this.centre, 3 * link);
  }

  placeCentre(shape: number): void {
    if (this.centred[shape] === this.round) return;
    this.centred[shape] = this.round;
    this.toWorld(this.shape_body[shape], this.local, 12 * shape + 9, this.shapes.pose, 12 * shape + 9);
  }

  placeShape(shape: number): void {
    if (this.placed[shape] === this.round) return;
    this.placed[shape] = this.round;
    this.placeCentre(shape);
    const body = this.shape_body[shape];
    if (body < 0) for (let k = 12 * shape; k < 12 * shape + 9; k++) this.shapes.pose[k] = this.local[k];
    else multiplyMatrices(this.data.R, 9 * body, this.local, 12 * shape, this.shapes.pose, 12 * shape);
  }

  private toWorld(body: number, from: Float64Array, at: number, to: Float64Array, to_at: number): void {
    const x = from[at];
    const y = from[at + 1];
    const z = from[at + 2];
    if (body < 0) {
      to[to_at] = x;
      to[to_at + 1] = y;
      to[to_at + 2] = z;
      return;
    }
    const { R, p } = this.data;
    const b = 9 * body;
    to[to_at] = p[3 * body] + R[b] * x + R[b + 1] * y + R[b + 2] * z;
    to[to_at + 1] = p[3 * body + 1] + R[b + 3] * x + R[b + 4] * y + R[b + 5] * z;
    to[to_at + 2] = p[3 * body + 2] + R[b + 6] * x + R[b + 7] * y + R[b + 8] * z;
  }

  /** The sphere about all shapes of a link, centred on the middle of their centres. */
  private boundLink(link: number): void {
    const { shapes, local, local_centre, bound, first } = this;
    for (let k = 0; k < 3; k++) {
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let shape = first[link]; shape < first[link + 1]; shape++) {
        low = Math.min(low, local[12 * shape + 9 + k]);
        high = Math.max(high, local[12 * shape + 9 + k]);
      }
      local_centre[3 * link + k] = (low + high) / 2;
    }
    bound[link] = 0;
    for (let shape = first[link]; shape < first[link + 1]; shape++) {
      let gap2 = 0;
      for (let k = 0; k < 3; k++) gap2 += (local[12 * shape + 9 + k] - local_centre[3 * link + k]) ** 2;
      bound[link] = Math.max(bound[link], Math.sqrt(gap2) + shapes.bound[shape]);
    }
  }
}
