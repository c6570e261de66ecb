import type { LinkShapes } from './link_shapes.ts';
import { type ObstacleSet, RECORD } from './obstacle_set.ts';

/**
 * Walks through the obstacles whose box is within reach of the sphere about a link: `start`, then `next` until −1. Boxes
 * along the world's axes are asked first, since most obstacles end there. Allocates nothing.
 */
export class NearObstacles {
  /** How far beyond the sphere still counts (m). */
  readonly room = new Float64Array(1);
  private readonly links: LinkShapes;
  private readonly obstacles: ObstacleSet;
  private link = 0;
  private at = 0;

  constructor(links: LinkShapes, obstacles: ObstacleSet) {
    this.links = links;
    this.obstacles = obstacles;
  }

  start(link: number): void {
    this.link = link;
    this.at = 0;
  }

  /** The next obstacle near the link that it may not touch, or −1. */
  next(): number {
    const { links, obstacles, link } = this;
    const { records: P, boxes: B } = obstacles;
    const x = links.centre[3 * link];
    const y = links.centre[3 * link + 1];
    const z = links.centre[3 * link + 2];
    const bound = links.bound[link] + this.room[0];
    const count = obstacles.list_count[link];
    if (count < 0) return this.nextInTree();
    const { listed } = obstacles;
    const from = link * obstacles.bodies.capacity;
    for (let i = this.at; i < count; i++) {
      const o = listed[from + i];
      const k = 6 * o;
      if (x < B[k] - bound || x > B[k + 3] + bound) continue;
      if (y < B[k + 1] - bound || y > B[k + 4] + bound) continue;
      if (z < B[k + 2] - bound || z > B[k + 5] + bound) continue;
      const r = RECORD * o;
      const reach = bound + P[r + 15];
      const dx = x - P[r + 9];
      const dy = y - P[r + 10];
      const dz = z - P[r + 11];
      let w = P[r + 2] * dx + P[r + 5] * dy + P[r + 8] * dz;
      let u = P[r] * dx + P[r + 3] * dy + P[r + 6] * dz;
      let v = P[r + 1] * dx + P[r + 4] * dy + P[r + 7] * dz;
      w = (w < 0 ? -w : w) - P[r + 14];
      u = (u < 0 ? -u : u) - P[r + 12];
      v = (v < 0 ? -v : v) - P[r + 13];
      if (u < 0) u = 0;
      if (v < 0) v = 0;
      if (w < 0) w = 0;
      if (u * u + v * v + w * w > reach * reach) continue;
      this.at = i + 1;
      return o;
    }
    return -1;
  }

  private nextInTree(): number {
    const { links, obstacles, link } = this;
    const { tree } = obstacles;
    if (tree === null) return -1;
    const { bounds: B, skip, obstacle, nodes } = tree;
    const x = links.centre[3 * link];
    const y = links.centre[3 * link + 1];
    const z = links.centre[3 * link + 2];
    const reach = links.bound[link] + this.room[0];
    const reach2 = reach * reach;
    for (let node = this.at; node < nodes; ) {
      const k = 6 * node;
      const u = x < B[k] ? B[k] - x : x > B[k + 3] ? x - B[k + 3] : 0;
      const v = y < B[k + 1] ? B[k + 1] - y : y > B[k + 4] ? y - B[k + 4] : 0;
      const w = z < B[k + 2] ? B[k + 2] - z : z > B[k + 5] ? z - B[k + 5] : 0;
      if (u * u + v * v + w * w > reach2) {
        node = skip[node];
        continue;
      }
      const o = obstacle[node++];
      if (o < 0 || obstacles.allows(link, o)) continue;
      this.at = node;
      return o;
    }
    return -1;
  }
}
