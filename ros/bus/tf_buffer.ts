import type { Pose, Transforms } from '../../contracts/index.ts';
import { between, compose, IDENTITY, invert } from './rigid.ts';

/** How long moving edges are remembered, ns. */
const MEMORY_NS = 10_000_000_000n;
/** How far beyond what is known a pose may be taken from the nearest one, ns. */
const EXTRAPOLATION_NS = 50_000_000n;

/** T_parent_child over time, oldest first; a static one has no stamps. */
interface Edge {
  readonly parent: string;
  readonly fixed: boolean;
  readonly stamps_ns: bigint[];
  readonly poses: Pose[];
}

/**
 * The frame tree over the last ten seconds: moving edges from /tf, fixed ones from /tf_static. A frame has one parent, the
 * one named last.
 */
export class TfBuffer {
  private readonly edges = new Map<string, Edge>();

  /** Takes edges of one stamp. `fixed`: they came by /tf_static and hold at any time. */
  add({ stamp_ns, transforms }: Transforms, fixed: boolean): void {
    for (const { parent, child, pose } of transforms) this.insert(parent, child, pose, stamp_ns, fixed);
  }

  /**
   * Pose of frame `child` in frame `parent` at a time: positions between two stamps by straight lines, orientations by great
   * arcs (slerp). Null where the two are not connected, or an edge between them is not known within `beyond_ns` of that time;
   * a stamp of 0 asks for the newest of each edge.
   *
   * @param beyond_ns  how far outside of what is known the nearest pose is taken; 0 to interpolate only
   */
  lookup(parent: string, child: string, stamp_ns: bigint, beyond_ns = EXTRAPOLATION_NS): Pose | null {
    if (parent === child) return IDENTITY;
    const up = this.toRoot(child, stamp_ns, beyond_ns, parent);
    if (up === null) return null;
    const T_child = up.get(parent);
    if (T_child !== undefined) return T_child;
    const down = this.toRoot(parent, stamp_ns, beyond_ns, null);
    if (down === null) return null;
    for (const [frame, T_common_child] of up) {
      const T_common_parent = down.get(frame);
      if (T_common_parent !== undefined) return compose(invert(T_common_parent), T_common_child);
    }
    return null;
  }

  /** Forgets what moved: the simulator's time went back. */
  forget(): void {
    for (const [child, { fixed }] of this.edges) if (!fixed) this.edges.delete(child);
  }

  private insert(parent: string, child: string, pose: Pose, stamp_ns: bigint, fixed: boolean): void {
    let edge = this.edges.get(child);
    if (edge === undefined || edge.parent !== parent || edge.fixed !== fixed) {
      edge = { parent, fixed, stamps_ns: [], poses: [] };
      this.edges.set(child, edge);
    }
    const { stamps_ns, poses } = edge;
    if (fixed) {
      poses[0] = pose;
      return;
    }
    const at = upperBound(stamps_ns, stamp_ns);
    if (at > 0 && stamps_ns[at - 1] === stamp_ns) {
      poses[at - 1] = pose;
      return;
    }
    stamps_ns.splice(at, 0, stamp_ns);
    poses.splice(at, 0, pose);
    const newest_ns = stamps_ns[stamps_ns.length - 1];
    const stale = upperBound(stamps_ns, newest_ns - MEMORY_NS);
    stamps_ns.splice(0, stale);
    poses.splice(0, stale);
  }

  /** Poses of `frame` in itself and each of its ancestors, up to `end`; null where an edge on the way is not known then. */
  private toRoot(frame: string, stamp_ns: bigint, beyond_ns: bigint, end: string | null): Map<string, Pose> | null {
    const poses = new Map<string, Pose>([[frame, IDENTITY]]);
    let T_at_frame = IDENTITY;
    let at = frame;
    while (at !== end) {
      const edge = this.edges.get(at);
      if (edge === undefined) break;
      const pose = poseAt(edge, stamp_ns, beyond_ns);
      if (pose === null) return null;
      T_at_frame = compose(pose, T_at_frame);
      at = edge.parent;
      // A loop is no tree: whoever publishes it is wrong, and nothing in it has a pose.
      if (poses.has(at)) return null;
      poses.set(at, T_at_frame);
    }
    return poses;
  }
}

function poseAt({ fixed, stamps_ns, poses }: Edge, stamp_ns: bigint, beyond_ns: bigint): Pose | null {
  const last = poses.length - 1;
  if (fixed || stamp_ns === 0n) return poses[last];
  const after = upperBound(stamps_ns, stamp_ns);
  if (after === 0) return stamps_ns[0] - stamp_ns > beyond_ns ? null : poses[0];
  if (after > last) return stamp_ns - stamps_ns[last] > beyond_ns ? null : poses[last];
  const before_ns = stamps_ns[after - 1];
  const share = Number(stamp_ns - before_ns) / Number(stamps_ns[after] - before_ns);
  return between(poses[after - 1], poses[after], share);
}

/** Index of the first stamp after `stamp_ns`. */
function upperBound(stamps_ns: readonly bigint[], stamp_ns: bigint): number {
  let low = 0;
  let high = stamps_ns.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stamps_ns[middle] <= stamp_ns) low = middle + 1;
    else high = middle;
  }
  return low;
}
