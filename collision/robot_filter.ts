import type { ConvexMesh, Shape } from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import { ConvexSet } from './convex.ts';
import { Gjk } from './gjk.ts';
import { PlacedShapes } from './placed_shapes.ts';

/**
 * Tells points that are the robot's own, or of what it holds, from those of its surroundings: so that a camera that sees
 * the arm does not put an obstacle into it. Moved by `move`; `contains` allocates nothing.
 */
export class RobotFilter {
  private readonly placed: PlacedShapes;
  private readonly point = new ConvexSet(1);
  private readonly gjk = new Gjk();
  private readonly axis = new Float64Array(3);

  /** @param padding_m  what is this near to a link counts as its own (noise of the camera and of its calibration) */
  constructor(robot: Robot, padding_m: number) {
    this.placed = new PlacedShapes(robot);
    this.point.add({ type: 'sphere', radius: 1 });
    this.point.rounding[0] = 0;
    this.gjk.margin_m = padding_m;
  }

  /** Holds an object from now on. @param T_tool_shape  rotation row-major 9 and position 3 (m) */
  attach(shape: Shape | ConvexMesh, T_tool_shape: Float64Array): void {
    this.placed.hold(shape, T_tool_shape, 0);
  }

  detach(): void {
    this.placed.holding = false;
  }

  /** @param q  all coordinates of the model, or those of the arm (rad, m) */
  move(q: ArrayLike<number>): void {
    for (let j = 0; j < Math.min(q.length, this.placed.q.length); j++) this.placed.q[j] = q[j];
    this.placed.place(this.placed.q, 0);
  }

  /** True if the point (world, m) is within the padding of a link. */
  contains(x: number, y: number, z: number): boolean {
    const { placed, point, gjk, axis } = this;
    const { shapes, first, count } = placed;
    point.pose[9] = x;
    point.pose[10] = y;
    point.pose[11] = z;
    const end = first[count];
    for (let shape = 0; shape < end; shape++) {
      const o = 12 * shape + 9;
      const reach = shapes.bound[shape] + gjk.margin_m;
      const d2 = (x - shapes.pose[o]) ** 2 + (y - shapes.pose[o + 1]) ** 2 + (z - shapes.pose[o + 2]) ** 2;
      if (d2 > reach * reach) continue;
      axis.fill(0);
      if (gjk.closer(shapes, shape, point, 0, axis, 0)) return true;
    }
    return false;
  }
}
