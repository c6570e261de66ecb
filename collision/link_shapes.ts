import type { ConvexMesh, Shape } from '../contracts/index.ts';
import { type FrameModel, frameIndex, multiplyMatrices, type RobotModel, rotate } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { BodyPoses } from './body_poses.ts';
import { ConvexSet } from './convex.ts';
import { linkGeometry, sphereAbout } from './link_geometry.ts';
import { supportMapOf } from './support_map.ts';

/** Name of the held object in allowed contacts and in reports. */
export const HELD = 'held object';

/**
 * The collision shapes of a robot, by link, and of one object it may hold, with spheres about links and shapes and within
 * hulls. After `forward` poses are written on demand: link spheres by `placeLinks`, whole shapes once each by `placeShape`.
 * Allocates nothing there.
 */
export class LinkShapes {
  readonly model: RobotModel;
  /** Links with shapes in order of the model, the held object last. */
  readonly names: readonly string[];
  /** First shape of every link, and one entry more. */
  readonly first: Int32Array;
  /** Body of every link, −1 for the base; and link of every shape. */
  readonly body: Int32Array;
  readonly link_of: Int32Array;
  /** Sphere about every link's shapes: radius (m); centre in its body 3 each, and in the world, written by `placeLinks`. */
  readonly bound: Float64Array;
  readonly local_centre: Float64Array;
  readonly centre: Float64Array;
  /** The shapes; poses written by `placeShape`. */
  readonly shapes: ConvexSet;
  /** Sphere about every shape: radius (m); centre in its body 3 each, and in the world, written by `placeCentre`. */
  readonly shape_bound: Float64Array;
  readonly shape_centre: Float64Array;
  readonly local_shape_centre: Float64Array;
  /** Spheres fitted to shapes: centre in the shape's frame, outer and inner radius, 5 each (m); where each shape's begin. */
  readonly fitted: Float64Array;
  readonly first_fitted: Int32Array;
  /** All coordinates of the model; the arm's are written by every `forward`. */
  readonly q: Float64Array;
  readonly poses: BodyPoses;
  readonly tool: FrameModel;
  readonly arm_joints: number;
  holding = false;
  private readonly shape_body: Int32Array;
  /** Pose of every shape in its body, 12 each. */
  private readonly local: Float64Array;
  /** Number of the `forward` at which a shape, and the sphere about it, was last placed. */
  private readonly placed: Float64Array;
  private readonly centred: Float64Array;
  private round = 0;

  constructor(robot: Robot) {
    const { model } = robot;
    this.model = model;
    this.arm_joints = robot.arm_joints;
    this.poses = new BodyPoses(model);
    this.q = robot.home_q.slice();
    this.tool = model.frames[frameIndex(model, robot.tcp_frame)];
    const links = linkGeometry(robot);
    const all = links.flatMap(({ shapes }) => shapes);
    const count = all.length + 1;
    this.names = [...links.map(({ name }) => name), HELD];
    this.shapes = new ConvexSet(count);
    this.local = new Float64Array(12 * count);
    this.shape_centre = new Float64Array(3 * count);
    this.local_shape_centre = new Float64Array(3 * count);
    this.centred = new Float64Array(count);
    this.shape_bound = new Float64Array(count);
    this.placed = new Float64Array(count);
    this.first_fitted = new Int32Array(count + 1);
    for (const { shape, R, p, sphere, fitted } of all) {
      const index = this.shapes.add(shape);
      if (shape.type === 'mesh') this.shapes.maps[index] = supportMapOf(shape.vertices);
      this.local.set(R, 12 * index);
      this.local.set(p, 12 * index + 9);
      this.local_shape_centre.set(sphere.centre, 3 * index);
      this.shape_bound[index] = sphere.radius;
      this.first_fitted[index + 1] = this.first_fitted[index] + fitted.length;
    }
    this.first_fitted[count] = this.first_fitted[count - 1];
    this.fitted = Float64Array.from(
      all.flatMap(({ fitted }) => fitted.flatMap(({ centre, outer_m, inner_m }) => [...centre, outer_m, inner_m])),
    );
    this.shapes.add({ type: 'sphere', radius: 0.01 });
    this.shape_body = Int32Array.from([...all.map(({ body }) => body), this.tool.body]);
    this.link_of = Int32Array.from([...links.flatMap(({ shapes }, link) => shapes.map(() => link)), links.length]);
    this.first = new Int32Array(links.length + 2);
    links.forEach(({ shapes }, link) => {
      this.first[link + 1] = this.first[link] + shapes.length;
    });
    this.first[links.length + 1] = count;
    this.body = Int32Array.from(this.names, (_, link) => this.shape_body[this.first[link]]);
    this.bound = new Float64Array(this.names.length);
    this.local_centre = new Float64Array(3 * this.names.length);
    this.centre = new Float64Array(3 * this.names.length);
    links.forEach(({ sphere }, link) => {
      this.bound[link] = sphere.radius;
      this.local_centre.set(sphere.centre, 3 * link);
    });
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
    const pose = local.subarray(12 * index, 12 * index + 12);
    const sphere = sphereAbout([{ shape, R: pose, p: pose.subarray(9) }], padding_m);
    this.shape_bound[index] = this.bound[held] = sphere.radius;
    this.local_shape_centre.set(sphere.centre, 3 * index);
    this.local_centre.set(sphere.centre, 3 * held);
    this.holding = true;
  }

  /** Poses of the bodies for the arm joints at `offset` of q. */
  forward(q: Float64Array, offset: number): void {
    this.round++;
    for (let j = 0; j < this.arm_joints; j++) this.q[j] = q[offset + j];
    this.poses.place(this.q);
  }

  /** Centres of the spheres about all links that count now. */
  placeLinks(): void {
    const { local_centre: L, centre: C, body } = this;
    const { pose } = this.poses;
    const { count } = this;
    for (let link = 0; link < count; link++) {
      const k = 3 * link;
      const x = L[k];
      const y = L[k + 1];
      const z = L[k + 2];
      const b = 12 * body[link];
      if (b < 0) {
        C[k] = x;
        C[k + 1] = y;
        C[k + 2] = z;
        continue;
      }
      C[k] = pose[b + 9] + pose[b] * x + pose[b + 1] * y + pose[b + 2] * z;
      C[k + 1] = pose[b + 10] + pose[b + 3] * x + pose[b + 4] * y + pose[b + 5] * z;
      C[k + 2] = pose[b + 11] + pose[b + 6] * x + pose[b + 7] * y + pose[b + 8] * z;
    }
  }

  placeCentre(shape: number): void {
    if (this.centred[shape] === this.round) return;
    this.centred[shape] = this.round;
    this.toWorld(this.shape_body[shape], this.local_shape_centre, 3 * shape, this.shape_centre, 3 * shape);
  }

  placeShape(shape: number): void {
    if (this.placed[shape] === this.round) return;
    this.placed[shape] = this.round;
    const { local } = this;
    const { pose } = this.shapes;
    const o = 12 * shape;
    const body = this.shape_body[shape];
    if (body < 0) {
      for (let k = o; k < o + 12; k++) pose[k] = local[k];
      return;
    }
    const B = this.poses.pose;
    const b = 12 * body;
    for (let row = 0; row < 9; row += 3) {
      const x = B[b + row];
      const y = B[b + row + 1];
      const z = B[b + row + 2];
      pose[o + row] = x * local[o] + y * local[o + 3] + z * local[o + 6];
      pose[o + row + 1] = x * local[o + 1] + y * local[o + 4] + z * local[o + 7];
      pose[o + row + 2] = x * local[o + 2] + y * local[o + 5] + z * local[o + 8];
    }
    pose[o + 9] = B[b + 9] + B[b] * local[o + 9] + B[b + 1] * local[o + 10] + B[b + 2] * local[o + 11];
    pose[o + 10] = B[b + 10] + B[b + 3] * local[o + 9] + B[b + 4] * local[o + 10] + B[b + 5] * local[o + 11];
    pose[o + 11] = B[b + 11] + B[b + 6] * local[o + 9] + B[b + 7] * local[o + 10] + B[b + 8] * local[o + 11];
  }

  /** A point of a body (3 from `at`, m) in the world, to 3 from `to_at`. */
  toWorld(body: number, from: Float64Array, at: number, to: Float64Array, to_at: number): void {
    const { pose } = this.poses;
    const x = from[at];
    const y = from[at + 1];
    const z = from[at + 2];
    const b = 12 * body;
    to[to_at] = b < 0 ? x : pose[b + 9] + pose[b] * x + pose[b + 1] * y + pose[b + 2] * z;
    to[to_at + 1] = b < 0 ? y : pose[b + 10] + pose[b + 3] * x + pose[b + 4] * y + pose[b + 5] * z;
    to[to_at + 2] = b < 0 ? z : pose[b + 11] + pose[b + 6] * x + pose[b + 7] * y + pose[b + 8] * z;
  }
}
