import type { ConvexMesh, Shape } from '../contracts/index.ts';
import { frameIndex, multiplyMatrices, placeBodies, RobotData, type RobotModel, rotate } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { ConvexSet } from './convex.ts';
import { linkGeometry, sphereAbout } from './link_geometry.ts';
import { HELD } from './link_shapes.ts';
import { supportMapOf } from './support_map.ts';

/**
 * All collision shapes of a robot and of an object it may hold, placed together, with what derivatives need: which body
 * carries a shape and how that body moves. Allocates nothing after construction.
 */
export class PlacedShapes {
  /** Links with shapes in order of the model, the held object last. */
  readonly names: readonly string[];
  /** First shape of every link, and one entry more. */
  readonly first: Int32Array;
  /** Body of every link, −1 for the base. */
  readonly body: Int32Array;
  readonly shapes: ConvexSet;
  /** Coordinates of the model; the arm's are written by `place`. */
  readonly q: Float64Array;
  /** Sphere about every link: centre in the world 3 each, written by `place`, and radius (m). */
  readonly centre: Float64Array;
  readonly bound: Float64Array;
  holding = false;
  private readonly model: RobotModel;
  private readonly data: RobotData;
  private readonly arm_joints: number;
  private readonly tool: { readonly body: number; readonly R: readonly number[]; readonly p: readonly number[] };
  /** Pose of every shape in its body, 12 each. */
  private readonly local: Float64Array;
  /** Centres of the links' spheres in their bodies, 3 each. */
  private readonly local_centre: Float64Array;

  constructor(robot: Robot) {
    const { model } = robot;
    this.model = model;
    this.data = new RobotData(model);
    this.arm_joints = robot.arm_joints;
    this.q = robot.home_q.slice();
    this.tool = model.frames[frameIndex(model, robot.tcp_frame)];
    this.names = [...new Set(model.collision.map(({ link }) => link)), HELD];
    const sorted = this.names.flatMap((name) => model.collision.filter(({ link }) => link === name));
    this.shapes = new ConvexSet(sorted.length + 1);
    this.local = new Float64Array(12 * (sorted.length + 1));
    sorted.forEach(({ shape, R, p }, index) => {
      this.shapes.add(shape);
      if (shape.type === 'mesh') this.shapes.maps[index] = supportMapOf(shape.vertices);
      this.local.set(R, 12 * index);
      this.local.set(p, 12 * index + 9);
    });
    this.shapes.add({ type: 'sphere', radius: 0.01 });
    this.centre = new Float64Array(3 * this.names.length);
    this.local_centre = new Float64Array(3 * this.names.length);
    this.bound = new Float64Array(this.names.length);
    for (const { name, sphere } of linkGeometry(robot)) {
      const link = this.names.indexOf(name);
      this.bound[link] = sphere.radius;
      this.local_centre.set(sphere.centre, 3 * link);
    }
    const firsts = this.names.map((name) => sorted.findIndex(({ link }) => link === name));
    firsts[firsts.length - 1] = sorted.length;
    this.first = Int32Array.from([...firsts, sorted.length + 1]);
    this.body = Int32Array.from(this.names, (name) => sorted.find(({ link }) => link === name)?.body ?? this.tool.body);
  }

  /** Links that count now: the held object's only while one is held. */
  get count(): number {
    return this.names.length - (this.holding ? 0 : 1);
  }

  /** Index of a link or HELD. RangeError if it has no collision shape. */
  link(name: string): number {
    const index = this.names.indexOf(name);
    if (index < 0) throw new RangeError(`link ${name} has no collision shape`);
    return index;
  }

  /** Holds an object. @param T_tool_shape  rotation row-major 9 and position 3 (m) */
  hold(shape: Shape | ConvexMesh, T_tool_shape: Float64Array, padding_m: number): void {
    const { local, tool, shapes } = this;
    const index = shapes.count - 1;
    shapes.set(index, shape, padding_m);
    multiplyMatrices(tool.R, 0, T_tool_shape, 0, local, 12 * index);
    const offset = rotate(tool.R, T_tool_shape.subarray(9, 12));
    for (let k = 0; k < 3; k++) local[12 * index + 9 + k] = offset[k] + tool.p[k];
    const pose = local.subarray(12 * index, 12 * index + 12);
    const sphere = sphereAbout([{ shape, R: pose, p: pose.subarray(9) }], padding_m);
    const held = this.names.length - 1;
    this.bound[held] = sphere.radius;
    this.local_centre.set(sphere.centre, 3 * held);
    this.holding = true;
  }

  /** Places all shapes for the arm joints at `offset` of q (rad). */
  place(q: Float64Array, offset: number): void {
    const { data, local, local_centre: L, centre, shapes, first, body } = this;
    for (let j = 0; j < this.arm_joints; j++) this.q[j] = q[offset + j];
    placeBodies(this.model, data, this.q, this.model.nb);
    const { R, p } = data;
    const { pose } = shapes;
    for (let link = 0; link < this.count; link++) {
      const b = body[link];
      for (let k = 0; k < 3; k++) {
        const r = 9 * b + 3 * k;
        const l = 3 * link;
        centre[l + k] = b < 0 ? L[l + k] : p[3 * b + k] + R[r] * L[l] + R[r + 1] * L[l + 1] + R[r + 2] * L[l + 2];
      }
      for (let shape = first[link]; shape < first[link + 1]; shape++) {
        const o = 12 * shape;
        if (b < 0) {
          for (let k = 0; k < 12; k++) pose[o + k] = local[o + k];
          continue;
        }
        multiplyMatrices(R, 9 * b, local, o, pose, o);
        for (let k = 0; k < 3; k++) {
          const r = 9 * b + 3 * k;
          pose[o + 9 + k] = p[3 * b + k] + R[r] * local[o + 9] + R[r + 1] * local[o + 10] + R[r + 2] * local[o + 11];
        }
      }
    }
  }

  /** Adds `sign` times the derivative, by the arm joints, of a body's point along a direction (3 at `along`), to `out`. */
  addMotion(
    link: number,
    point: Float64Array,
    normal: Float64Array,
    at: number,
    sign: number,
    out: Float64Array,
    out_at: number,
  ): void {
    const { parent, coordinate } = this.model;
    const { S } = this.data;
    const x = point[at];
    const y = point[at + 1];
    const z = point[at + 2];
    for (let b = this.body[link]; b >= 0; b = parent[b]) {
      const j = coordinate[b];
      if (j >= this.arm_joints) continue;
      const s = 6 * b;
      const vx = S[s + 3] + S[s + 1] * z - S[s + 2] * y;
      const vy = S[s + 4] + S[s + 2] * x - S[s] * z;
      const vz = S[s + 5] + S[s] * y - S[s + 1] * x;
      out[out_at + j] += sign * (normal[at] * vx + normal[at + 1] * vy + normal[at + 2] * vz);
    }
  }
}
