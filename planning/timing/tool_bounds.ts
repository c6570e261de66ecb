import type { PathGrid } from './path_constraints.ts';
import type { QuadraticPath } from './quadratic_path.ts';

/** Bounds on the motion of the tool frame; a bound left out does not bind. */
export interface ToolLimits {
  readonly speed_m_s?: number;
  readonly turn_rad_s?: number;
  readonly acceleration_m_s2?: number;
  readonly turn_rad_s2?: number;
}

export interface ToolBounds {
  readonly limits: ToolLimits;
  /** Twist of the tool frame at q for joint velocities dq: linear (m/s) and angular (rad/s), in one fixed frame. */
  readonly twist: (q: Float64Array, dq: Float64Array, out: Float64Array) => void;
}

/** Rows an interval that the tool's acceleration bounds need. */
export function toolRows({ limits }: ToolBounds): number {
  const one = 2 * (DIRECTIONS.length / 3);
  return (limits.acceleration_m_s2 === undefined ? 0 : one) + (limits.turn_rad_s2 === undefined ? 0 : one);
}

/**
 * Bounds the tool's acceleration t s̈ + t' ṡ² (t the twist for ṡ = 1) at both ends of every interval, along 26 directions
 * that hold its length by a polyhedron inside the sphere.
 * @param first  rows of an interval that come before
 */
export function addToolRows(grid: PathGrid, path: QuadraticPath, tool: ToolBounds, first: number): void {
  if (toolRows(tool) === 0) return;
  const count = DIRECTIONS.length / 3;
  const twists = new Float64Array(12);
  const probe = new TwistProbe(path, tool);
  for (let k = 0; k < grid.intervals; k++) {
    const delta = grid.delta[k];
    probe.at(grid.piece[k], grid.offset[k], twists, 0);
    probe.at(grid.piece[k], grid.offset[k] + delta, twists, 6);
    let row = k * grid.rows + first;
    for (let part = 0; part < 2; part++) {
      const most = part === 0 ? tool.limits.acceleration_m_s2 : tool.limits.turn_rad_s2;
      if (most === undefined) continue;
      for (let d = 0; d < count; d++) {
        let begin = 0;
        let end = 0;
        for (let i = 0; i < 3; i++) {
          begin += DIRECTIONS[3 * d + i] * twists[3 * part + i];
          end += DIRECTIONS[3 * d + i] * twists[6 + 3 * part + i];
        }
        const change = (end - begin) / delta;
        grid.alpha[row] = begin;
        grid.beta[row] = change;
        grid.bound[row++] = INSIDE * most;
        grid.alpha[row] = end + 2 * delta * change;
        grid.beta[row] = change;
        grid.bound[row++] = INSIDE * most;
      }
    }
  }
}

/** Bounds ṡ² by the tool's speeds at the grid points, with a small reserve for what lies between. */
export function toolSpeedBounds(grid: PathGrid, path: QuadraticPath, tool: ToolBounds): void {
  const bounds = speedBounds(grid, path, tool);
  for (let k = 0; k <= grid.intervals; k++) grid.x_max[k] = Math.min(grid.x_max[k], bounds[k]);
}

/** These bounds do not depend on the arm's limits, of which several are tried along one curve. */
const known = new WeakMap<QuadraticPath, { readonly tool: ToolBounds; readonly bounds: Float64Array }>();

function speedBounds(grid: PathGrid, path: QuadraticPath, tool: ToolBounds): Float64Array {
  const before = known.get(path);
  if (before?.tool === tool && before.bounds.length === grid.intervals + 1) return before.bounds;
  const { speed_m_s = Number.POSITIVE_INFINITY, turn_rad_s = Number.POSITIVE_INFINITY } = tool.limits;
  const probe = new TwistProbe(path, tool);
  const twist = new Float64Array(6);
  const bounds = new Float64Array(grid.intervals + 1);
  for (let k = 0; k <= grid.intervals; k++) {
    const at = Math.min(k, grid.intervals - 1);
    probe.at(grid.piece[at], grid.offset[at] + (k === at ? 0 : grid.delta[at]), twist, 0);
    const slow = Math.min(
      speed_m_s / Math.hypot(twist[0], twist[1], twist[2]),
      turn_rad_s / Math.hypot(twist[3], twist[4], twist[5]),
    );
    bounds[k] = (slow / SPEED_RESERVE) ** 2;
  }
  known.set(path, { tool, bounds });
  return bounds;
}

class TwistProbe {
  private readonly path: QuadraticPath;
  private readonly tool: ToolBounds;
  private readonly q: Float64Array;
  private readonly dq: Float64Array;
  private readonly out = new Float64Array(6);

  constructor(path: QuadraticPath, tool: ToolBounds) {
    this.path = path;
    this.tool = tool;
    this.q = new Float64Array(path.n);
    this.dq = new Float64Array(path.n);
  }

  /** Twist for ṡ = 1 at `ds` within a piece, 6 into `out` at `at`. */
  at(piece: number, ds: number, out: Float64Array, at: number): void {
    const { path } = this;
    path.write(piece, ds, this.q, 0);
    for (let j = 0; j < path.n; j++) {
      this.dq[j] = path.dq[piece * path.n + j] + ds * path.ddq[piece * path.n + j];
    }
    this.tool.twist(this.q, this.dq, this.out);
    out.set(this.out, at);
  }
}

const [F, E] = [Math.SQRT1_2, 1 / Math.sqrt(3)];
/** One of each opposite pair of the 26 directions to the faces, edges and corners of a cube. */
const DIRECTIONS = Float64Array.of(
  ...[1, 0, 0, 0, 1, 0, 0, 0, 1],
  ...[F, F, 0, F, -F, 0, F, 0, F, F, 0, -F, 0, F, F, 0, F, -F],
  ...[E, E, E, E, E, -E, E, -E, E, E, -E, -E],
);
/** A vector whose parts along these directions stay below this has a length below 1. */
const INSIDE = 0.886;
/** The speed between grid points exceeds that at them by less than this. */
const SPEED_RESERVE = 1.005;
