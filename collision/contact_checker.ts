import type { Robot } from '../robots/index.ts';
import { Contacts } from './contacts.ts';
import { Gjk, MARGIN } from './gjk.ts';
import { LinkReach } from './link_reach.ts';
import { LinkShapes } from './link_shapes.ts';
import { ObstacleSet } from './obstacle_set.ts';
import { heldPairs, selectSelfPairs } from './self_pairs.ts';

/** What was found touching: names are those of `links` and `obstacles`; of the box there are none. */
export type HitKind = 'obstacle' | 'self' | 'box';

/**
 * One robot among obstacles as contact checks see it: shapes, pairs of links, obstacles, the box of the tool, and all
 * scratch. A check allocates nothing; remembered axes are state that changes speed, not answers.
 */
export class ContactChecker {
  readonly gjk = new Gjk();
  readonly links: LinkShapes;
  readonly reach: LinkReach;
  readonly obstacles: ObstacleSet;
  readonly contacts: Contacts;
  /** Pairs of links, two entries each, the held object's last; where each one's axes begin in `pair_axes`. */
  readonly pairs: Int32Array;
  readonly pair_axes: Float64Array;
  readonly pair_axis_start: Int32Array;
  readonly own_pairs: number;
  /** Pairs whose contact is allowed for now: 1 or 0 each. */
  readonly pair_allowed: Uint8Array;
  /** Box for the tool frame's origin (m), and that origin at the last `placeTool`. */
  readonly tool_lower = new Float64Array(3).fill(Number.NEGATIVE_INFINITY);
  readonly tool_upper = new Float64Array(3).fill(Number.POSITIVE_INFINITY);
  readonly tool_point = new Float64Array(3);
  private readonly tool_local: Float64Array;
  boxed = false;
  hit_kind: HitKind = 'self';
  hit_a = -1;
  hit_b = -1;

  constructor(robot: Robot, max_obstacles: number) {
    this.links = new LinkShapes(robot);
    this.obstacles = new ObstacleSet(this.links.names.length, this.links.shapes.count, max_obstacles);
    this.contacts = new Contacts(this.links, this.obstacles, this.gjk);
    this.tool_local = Float64Array.from(this.links.tool.p);
    const own = selectSelfPairs(robot, this.links, this.gjk);
    this.own_pairs = own.length / 2;
    this.pairs = Int32Array.from([...own, ...heldPairs(this.links)]);
    this.pair_axis_start = new Int32Array(this.pairs.length / 2);
    this.pair_allowed = new Uint8Array(this.pairs.length / 2);
    let axes = 0;
    for (let k = 0; k < this.pair_axis_start.length; k++) {
      this.pair_axis_start[k] = axes;
      axes += 3 * this.links.shapeCount(this.pairs[2 * k]) * this.links.shapeCount(this.pairs[2 * k + 1]);
    }
    this.pair_axes = new Float64Array(axes);
    this.reach = new LinkReach(this.links, this.pairs);
  }

  /** Numbers of `pairs` that count now: the held object's only while one is held. */
  get checked(): number {
    return this.links.holding ? this.pairs.length : 2 * this.own_pairs;
  }

  /** True if the robot touches an obstacle or itself, comes closer than the margin, or its tool leaves the box. */
  collides(q: Float64Array, offset: number): boolean {
    const { links } = this;
    this.obstacles.prepare(this.reach.balls, this.gjk.numbers, MARGIN);
    links.forward(q, offset);
    if (this.boxed && this.toolLeavesBox()) return this.hit(-1, -1, 'box');
    links.placeLinks();
    return this.touchesObstacle() || this.touchesItself();
  }

  /** Whether a link and the held object may touch, until another one is held. */
  allowHeld(link: number, may_touch: boolean): void {
    for (let k = 2 * this.own_pairs; k < this.pairs.length; k += 2) {
      if (this.pairs[k] === link || this.pairs[k + 1] === link) this.pair_allowed[k >> 1] = may_touch ? 1 : 0;
    }
  }

  /** True if a link may touch the held object. */
  allowsHeld(link: number): boolean {
    const { pairs, own_pairs, pair_allowed } = this;
    return pair_allowed.some(
      (on, k) => on !== 0 && k >= own_pairs && (pairs[2 * k] === link || pairs[2 * k + 1] === link),
    );
  }

  /** Notes what touches. */
  hit(a: number, b: number, kind: HitKind): true {
    this.hit_a = a;
    this.hit_b = b;
    this.hit_kind = kind;
    return true;
  }

  placeTool(): void {
    this.links.toWorld(this.links.tool.body, this.tool_local, 0, this.tool_point, 0);
  }

  private toolLeavesBox(): boolean {
    const { tool_lower, tool_upper, tool_point } = this;
    this.placeTool();
    for (let k = 0; k < 3; k++) if (tool_point[k] < tool_lower[k] || tool_point[k] > tool_upper[k]) return true;
    return false;
  }

  private touchesObstacle(): boolean {
    const { links, contacts } = this;
    const { body } = links;
    for (let link = links.count - 1; link >= 0; link--) {
      if (body[link] < 0) continue;
      const o = contacts.obstacleAt(link);
      if (o >= 0) return this.hit(link, o, 'obstacle');
    }
    return false;
  }

  private touchesItself(): boolean {
    const { pairs, pair_axes, pair_axis_start, pair_allowed, contacts, checked } = this;
    for (let k = 0; k < checked; k += 2) {
      if (pair_allowed[k >> 1] !== 0) continue;
      const a = pairs[k];
      const b = pairs[k + 1];
      if (contacts.linksTouch(a, b, pair_axes, pair_axis_start[k >> 1])) return this.hit(a, b, 'self');
    }
    return false;
  }
}
