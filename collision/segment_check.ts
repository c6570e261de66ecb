import { BodyTwists } from './body_twists.ts';
import type { ContactChecker } from './contact_checker.ts';
import { TREE } from './convex.ts';
import { FREE_NOW, MARGIN, STAYS_FREE, TOUCHES } from './gjk.ts';

/** How far (m) points may move between positions looked at where neither margin nor padding gives room. */
const FLOOR_M = 2e-5;
/** Half of a segment's piece, in radians summed over joints, up to which nearness is looked at and not contact alone. */
const LOCAL_RAD = 0.6;
/** Kinds of items beside the numbers of pairs of links. */
const OBSTACLE = -1;
const TOOL_BOX = -2;

/**
 * Whether a straight joint segment is free of contact everywhere, without stepping: in the middle of a piece every pair of
 * bodies is told to be in contact, to stay apart for the whole piece, or neither; then both halves are looked at, but for
 * those pairs alone. A pair stays apart if a plane between the bodies (GJK's) is nearer to neither than they can move
 * towards it: |n·v| + |n×ω| r from the twist in the middle, and a/2 h² for what the twist changes in the half length h.
 * For joints of constant rates w a point's acceleration is at most a = Σ w_j l_j (w_j + 2 Σ_{i<j} w_i), l_j its greatest
 * distance from joint j, since ∂J_j/∂q_i = z_i × J_j for i ≤ j. (Motion bounds as in Schwarzer, Saha, Latombe 2005, who
 * take Σ w_j l_j; planes and twists make them several times smaller.)
 *
 * Pieces are not halved below where bodies move by half of an obstacle's padding and the margin, or by 0.02 mm: so with
 * padding the bare bodies stay apart everywhere, and without it they overlap by no more than that.
 */
export class SegmentCheck {
  /** Pieces looked at since construction. */
  pieces = 0;
  private readonly checker: ContactChecker;
  private readonly twists: BodyTwists;
  /** Arm joints at the middle of the piece, and the segment's difference. */
  private readonly q: Float64Array;
  private readonly dq: Float64Array;
  /** Greatest acceleration of each chain's points (m), and the segment it was found for. */
  private readonly bend: Float64Array;
  private readonly bent: Float64Array;
  private segment = 0;
  /** Pieces: middle and half length 2 each; first item, and number of items or −1 for all pairs, 2 each. */
  private piece = new Float64Array(2 * 256);
  private list = new Int32Array(2 * 256);
  private queued = 0;
  /** Pairs left open: shape, obstacle or other shape, and pair of links or OBSTACLE; 3 each. */
  private items = new Int32Array(3 * 1024);
  private item_count = 0;
  /** How far any point of each link moves in the piece looked at (m). */
  private readonly travel: Float64Array;
  /** Half length of the piece, how far any point of the link looked at moves in it, and that with the margin (m). */
  private readonly numbers = new Float64Array(3);

  constructor(checker: ContactChecker) {
    const { model, arm_joints } = checker.links;
    this.checker = checker;
    this.twists = new BodyTwists(model, arm_joints);
    this.q = new Float64Array(arm_joints);
    this.dq = new Float64Array(arm_joints);
    this.bend = new Float64Array(checker.reach.chains);
    this.bent = new Float64Array(checker.reach.chains);
    this.travel = new Float64Array(checker.links.names.length);
  }

  /** True if the segment is free from a (not looked at itself) to b; the contact is noted in the checker. */
  free(a: Float64Array, ao: number, b: Float64Array, bo: number): boolean {
    const { checker, dq, q, twists } = this;
    const { links, obstacles } = checker;
    let length = 0;
    for (let j = 0; j < dq.length; j++) {
      dq[j] = b[bo + j] - a[ao + j];
      length += Math.abs(dq[j]);
    }
    // where the middle can speak for the ends, b is asked for what it leaves open alone
    const local = 0.5 * length <= LOCAL_RAD;
    if (!local || length === 0) {
      if (checker.collides(b, bo)) return false;
      if (length === 0) return true;
    }
    obstacles.prepare(checker.reach.balls, checker.gjk.numbers, MARGIN);
    twists.setSegment(a, ao, b, bo);
    this.segment++;
    this.item_count = 0;
    this.queued = 1;
    this.piece.fill(0.5, 0, 2);
    this.list[0] = 0;
    this.list[1] = -1;
    for (let next = 0; next < this.queued; next++) {
      const t = this.piece[2 * next];
      const h = this.piece[2 * next + 1];
      const from = this.list[2 * next];
      const count = this.list[2 * next + 1];
      for (let j = 0; j < dq.length; j++) q[j] = a[ao + j] + t * dq[j];
      this.pieces++;
      if (count < 0 && h * length > LOCAL_RAD) {
        if (checker.collides(q, 0)) return false;
        this.halve(next, 0, -1);
        continue;
      }
      links.forward(q, 0);
      links.placeLinks();
      twists.place(links.poses);
      this.numbers[HALF] = h;
      const first = this.item_count;
      if (count < 0 ? this.gather() : this.lookAgain(from, count)) return false;
      const open = this.item_count - first;
      if (open === 0) continue;
      if (local && next === 0 && this.touchesAt(b, bo, open)) return false;
      this.halve(next, first, open);
    }
    return true;
  }

  /** Whether one of the first `count` items is in contact at a position. */
  private touchesAt(q: Float64Array, offset: number, count: number): boolean {
    const { links } = this.checker;
    links.forward(q, offset);
    links.placeLinks();
    this.numbers[HALF] = 0;
    return this.lookAgain(0, count);
  }

  /** Queues both halves of piece i, for `count` items (−1: all pairs). */
  private halve(i: number, first: number, count: number): void {
    this.makeRoom();
    const { piece } = this;
    const h = 0.5 * piece[2 * i + 1];
    const k = 2 * this.queued;
    piece[k] = piece[2 * i] - h;
    piece[k + 2] = piece[2 * i] + h;
    piece[k + 1] = piece[k + 3] = h;
    this.list[k] = this.list[k + 2] = first;
    this.list[k + 1] = this.list[k + 3] = count;
    this.queued += 2;
  }

  private makeRoom(): void {
    const k = 2 * this.queued + 4;
    if (k <= this.piece.length) return;
    this.piece = grown(this.piece, new Float64Array(2 * k));
    this.list = grown(this.list, new Int32Array(2 * k));
  }

  private leaveOpen(shape: number, other: number, pair: number): void {
    const k = 3 * this.item_count++;
    if (k === this.items.length) this.items = grown(this.items, new Int32Array(2 * k));
    this.items[k] = shape;
    this.items[k + 1] = other;
    this.items[k + 2] = pair;
  }

  /** Bounds the acceleration of chain c's points for the rates of this segment, once. */
  private boundBend(c: number): void {
    if (this.bent[c] === this.segment) return;
    this.bent[c] = this.segment;
    const { rate } = this.twists;
    const { first, joint, lever } = this.checker.reach;
    const { joint_type } = this.checker.links.model;
    let sum = 0;
    let before = 0;
    for (let k = first[c]; k < first[c + 1]; k++) {
      const b = joint[k];
      const w = rate[b] < 0 ? -rate[b] : rate[b];
      if (joint_type[b] === 1) sum += 2 * w * before;
      else {
        sum += w * lever[k] * (w + 2 * before);
        before += w;
      }
    }
    this.bend[c] = sum;
  }

  /** Looks at all pairs; true on contact. */
  private gather(): boolean {
    const { checker } = this;
    const { links, obstacles, pairs, pair_allowed, checked } = checker;
    if (checker.boxed && this.toolLeavesBox()) return true;
    for (let link = links.count - 1; link >= 0; link--) {
      if (links.body[link] < 0) continue;
      this.setMotion(link, -1, link);
      this.travel[link] = this.numbers[TRAVEL];
      if (obstacles.list_count[link] !== 0 && this.linkNears(link)) return true;
    }
    for (let k = 0; k < checked; k += 2) {
      if (pair_allowed[k >> 1] === 0 && this.linksNear(pairs[k], pairs[k + 1], k >> 1)) return true;
    }
    return false;
  }

  /** Looks at pairs left open before; true on contact. */
  private lookAgain(from: number, count: number): boolean {
    const { checker, items } = this;
    const { links } = checker;
    let moving = -2;
    for (let k = 3 * from; k < 3 * (from + count); k += 3) {
      const shape = items[k];
      const pair = items[k + 2];
      if (pair === TOOL_BOX) {
        if (this.toolLeavesBox()) return true;
        continue;
      }
      const link = links.link_of[shape];
      const key = pair === OBSTACLE ? link : links.names.length + 1 + pair;
      if (key !== moving) this.setMotion(link, pair === OBSTACLE ? -1 : links.link_of[items[k + 1]], key);
      moving = key;
      if (pair === OBSTACLE ? this.shapeNears(link, shape, items[k + 1]) : this.shapesNear(shape, items[k + 1], pair)) {
        return true;
      }
    }
    return false;
  }

  /** Writes how a link moves as another (−1: the world) sees it, by the bound of chain c. */
  private setMotion(link: number, seen_from: number, c: number): void {
    this.boundBend(c);
    const { links, gjk } = this.checker;
    const { twist: T } = this.twists;
    const { motion: M } = gjk;
    const a = 6 * links.body[link];
    const b = seen_from < 0 ? -1 : 6 * links.body[seen_from];
    for (let k = 0; k < 6; k++) {
      const rate = (a < 0 ? 0 : T[a + k]) - (b < 0 ? 0 : T[b + k]);
      M[k < 3 ? k + 3 : k - 3] = rate;
    }
    const x = links.centre[3 * link];
    const y = links.centre[3 * link + 1];
    const z = links.centre[3 * link + 2];
    M[0] += M[4] * z - M[5] * y;
    M[1] += M[5] * x - M[3] * z;
    M[2] += M[3] * y - M[4] * x;
    M[6] = links.bound[link];
    const h = this.numbers[HALF];
    M[7] = h;
    M[8] = 0.5 * this.bend[c] * h * h;
    const speed = Math.sqrt(M[0] * M[0] + M[1] * M[1] + M[2] * M[2]);
    const turning = Math.sqrt(M[3] * M[3] + M[4] * M[4] + M[5] * M[5]);
    this.numbers[TRAVEL] = (speed + turning * M[6]) * h + M[8];
  }

  /** Looks at the obstacles near a link; true on contact. */
  private linkNears(link: number): boolean {
    const { links, gjk, contacts } = this.checker;
    const { near } = contacts;
    near.room[0] = gjk.numbers[MARGIN] + this.numbers[TRAVEL];
    near.start(link);
    for (let o = near.next(); o >= 0; o = near.next()) {
      for (let shape = links.first[link]; shape < links.first[link + 1]; shape++) {
        if (this.shapeNears(link, shape, o)) return true;
      }
    }
    return false;
  }

  private shapeNears(link: number, shape: number, o: number): boolean {
    const { checker } = this;
    const { links, obstacles, gjk } = checker;
    links.placeShape(shape);
    gjk.relate(links.shapes, shape, obstacles.bodies, o);
    const at = 3 * (shape * obstacles.count + o);
    const verdict =
      obstacles.bodies.kind[o] === TREE
        ? checker.contacts.judgeTree(shape, o, this.numbers, TRAVEL)
        : gjk.judge(links.shapes, shape, obstacles.bodies, o, obstacles.axes, at);
    if (verdict === STAYS_FREE) return false;
    if (verdict === TOUCHES) return checker.hit(link, o, 'obstacle');
    const room = 0.5 * (obstacles.padding[o] + gjk.numbers[MARGIN]);
    if (this.numbers[TRAVEL] > (room > FLOOR_M ? room : FLOOR_M)) this.leaveOpen(shape, o, OBSTACLE);
    return false;
  }

  private linksNear(a: number, b: number, pair: number): boolean {
    const { links, gjk, contacts } = this.checker;
    const { centre, bound, first, names } = links;
    const single = first[a + 1] - first[a] === 1 && first[b + 1] - first[b] === 1;
    const dx = centre[3 * a] - centre[3 * b];
    const dy = centre[3 * a + 1] - centre[3 * b + 1];
    const dz = centre[3 * a + 2] - centre[3 * b + 2];
    const d2 = dx * dx + dy * dy + dz * dz;
    // before what one does as the other sees it, what both do in the world
    const far = bound[a] + bound[b] + gjk.numbers[MARGIN] + this.travel[a] + this.travel[b];
    if (d2 > far * far) return false;
    this.setMotion(a, b, names.length + 1 + pair);
    this.numbers[ROOM] = gjk.numbers[MARGIN] + this.numbers[TRAVEL];
    const reach = bound[a] + bound[b] + this.numbers[ROOM];
    if (d2 > reach * reach) return false;
    for (let i = first[a]; i < first[a + 1]; i++) {
      if (!single && contacts.shapeApart(i, b, this.numbers, ROOM)) continue;
      for (let j = first[b]; j < first[b + 1]; j++) {
        if (!single && contacts.shapesApart(i, j, this.numbers, ROOM)) continue;
        if (this.shapesNear(i, j, pair)) return true;
      }
    }
    return false;
  }

  private shapesNear(i: number, j: number, pair: number): boolean {
    const { checker } = this;
    const { links, gjk, pair_axes, pair_axis_start } = checker;
    const { first, link_of, shapes } = links;
    links.placeShape(i);
    links.placeShape(j);
    gjk.relate(shapes, i, shapes, j);
    const a = link_of[i];
    const b = link_of[j];
    const at = pair_axis_start[pair] + 3 * ((i - first[a]) * (first[b + 1] - first[b]) + j - first[b]);
    const verdict = gjk.judge(shapes, i, shapes, j, pair_axes, at);
    if (verdict === TOUCHES) return checker.hit(a, b, 'self');
    const room = 0.5 * gjk.numbers[MARGIN];
    if (verdict === FREE_NOW && this.numbers[TRAVEL] > (room > FLOOR_M ? room : FLOOR_M)) this.leaveOpen(i, j, pair);
    return false;
  }

  /** Whether the tool is out of its box; notes it as open if it may leave it. */
  private toolLeavesBox(): boolean {
    const { checker, bend, twists } = this;
    const { tool_lower, tool_upper, tool_point: x, links } = checker;
    const { twist: T } = twists;
    checker.placeTool();
    this.boundBend(links.names.length);
    const b = 6 * links.tool.body;
    const h = this.numbers[HALF];
    const bent = 0.5 * bend[links.names.length] * h * h;
    let open = false;
    for (let k = 0; k < 3; k++) {
      const room = Math.min(x[k] - tool_lower[k], tool_upper[k] - x[k]);
      if (room < 0) return checker.hit(-1, -1, 'box');
      const i = (k + 1) % 3;
      const j = (k + 2) % 3;
      const speed = b < 0 ? 0 : Math.abs(T[b + 3 + k] + T[b + i] * x[j] - T[b + j] * x[i]);
      const travel = speed * h + bent;
      if (travel > room && travel > BOX_FLOOR_M) open = true;
    }
    if (open) this.leaveOpen(-1, -1, TOOL_BOX);
    return false;
  }
}

/** How far the tool may leave its box between positions looked at (m). */
const BOX_FLOOR_M = 1e-3;

/** Places in `numbers`. */
const HALF = 0;
const TRAVEL = 1;
const ROOM = 2;

function grown<A extends Float64Array | Int32Array>(old: A, larger: A): A {
  larger.set(old);
  return larger;
}
