import type { LinkShapes } from './link_shapes.ts';

/**
 * How far links get. `balls`: where a link can ever be. `chains`: the joints that move one thing as another sees it, with
 * the greatest distance its points can have from each joint's origin; of every link and the tool frame's origin as the
 * world sees them, and of the first link of every pair as the second sees it. From lengths between joints alone, so it
 * holds at all positions. What the held object changes is brought up to date by `update`.
 */
export class LinkReach {
  /** Balls about fixed points, x y z radius for every link (m). */
  readonly balls: Float64Array;
  /** Number of chains: links, then the tool's, then pairs. */
  readonly chains: number;
  /** First joint of every chain, and one entry more; bodies of the joints, from what sees on; levers (m). */
  readonly first: Int32Array;
  readonly joint: Int32Array;
  readonly lever: Float64Array;
  private readonly links: LinkShapes;
  private readonly pairs: Int32Array;
  /** Greatest distance of a body's origin from its parent's (m). */
  private readonly step: Float64Array;

  constructor(links: LinkShapes, pairs: Int32Array) {
    this.links = links;
    this.pairs = pairs;
    const { model, names, body, tool } = links;
    this.step = Float64Array.from({ length: model.nb }, (_, b) => {
      const length = Math.hypot(...model.tree_p.subarray(3 * b, 3 * b + 3));
      return length + (model.joint_type[b] === 1 ? travel(links, b) : 0);
    });
    this.balls = new Float64Array(4 * names.length);
    const chains = [
      ...names.map((_, link) => this.chain(-1, body[link])),
      this.chain(-1, tool.body),
      ...Array.from({ length: pairs.length / 2 }, (_, k) => this.chain(body[pairs[2 * k + 1]], body[pairs[2 * k]])),
    ];
    this.chains = chains.length;
    this.first = new Int32Array(chains.length + 1);
    chains.forEach((chain, c) => {
      this.first[c + 1] = this.first[c] + chain.length;
    });
    this.joint = Int32Array.from(chains.flat());
    this.lever = new Float64Array(this.joint.length);
    this.update();
  }

  /** To be called when an object is taken or let go. */
  update(): void {
    const { links, pairs, lever, first, joint } = this;
    const { names, body, tool } = links;
    for (let c = 0; c < this.chains; c++) {
      const of_pair = c - names.length - 1;
      const link = of_pair >= 0 ? pairs[2 * of_pair] : c;
      const at_tool = c === names.length;
      let reach = at_tool ? Math.hypot(...tool.p) : this.radius(link);
      let b = at_tool ? tool.body : body[link];
      for (let k = first[c + 1] - 1; k >= first[c]; k--) {
        reach += this.between(b, joint[k]);
        b = joint[k];
        lever[k] = reach;
      }
    }
    for (let link = 0; link < names.length; link++) this.placeBall(link);
  }

  /** Radius about the origin of its body that holds a link (m). */
  private radius(link: number): number {
    const { local_centre, bound } = this.links;
    return Math.hypot(...local_centre.subarray(3 * link, 3 * link + 3)) + bound[link];
  }

  /** Bodies of the joints between two bodies: from `seen_from` up to where they meet, and down to `body`. */
  private chain(seen_from: number, body: number): number[] {
    const { parent } = this.links.model;
    const up = ancestors(parent, seen_from);
    const down = ancestors(parent, body);
    return [...up.filter((b) => !down.includes(b)), ...down.filter((b) => !up.includes(b)).reverse()];
  }

  /** Greatest distance between the origins of two bodies next to each other in a chain (m). */
  private between(a: number, b: number): number {
    const { step, links } = this;
    if (a === b) return 0;
    if (links.model.parent[a] === b) return step[a];
    return links.model.parent[b] === a ? step[b] : step[a] + step[b];
  }

  /** The ball about the last joint origin that no joint before it moves. */
  private placeBall(link: number): void {
    const { balls, links, step } = this;
    const { model, body } = links;
    const chain = this.chain(-1, body[link]);
    let fixed = 0;
    while (fixed + 1 < chain.length && staysPut(links, chain[fixed], chain[fixed + 1])) fixed++;
    let radius = this.radius(link);
    for (const b of chain.slice(fixed + 1)) radius += step[b];
    // a sliding first joint moves its own origin
    if (chain.length > 0 && model.joint_type[chain[0]] === 1) radius += travel(links, chain[0]);
    links.poses.place(links.q.map(() => 0));
    for (let k = 0; k < 3; k++)
      balls[4 * link + k] = chain.length === 0 ? 0 : links.poses.pose[12 * chain[fixed] + 9 + k];
    balls[4 * link + 3] = radius;
  }
}

/** The body and those that carry it, itself first. */
function ancestors(parent: Int32Array, body: number): number[] {
  const found: number[] = [];
  for (let b = body; b >= 0; b = parent[b]) found.push(b);
  return found;
}

/** Greatest distance of a sliding joint from its zero (m). */
function travel({ model }: LinkShapes, b: number): number {
  const c = model.coordinate[b];
  const ends = [model.position_lower[c], model.position_upper[c]].map((q) => model.multiplier[b] * q + model.offset[b]);
  return Math.max(...ends.map(Math.abs));
}

/** True if the origin of `next` lies on the axis about which its parent turns. */
function staysPut({ model }: LinkShapes, body: number, next: number): boolean {
  if (model.joint_type[body] === 1) return false;
  const [x, y, z] = model.tree_p.subarray(3 * next, 3 * next + 3);
  const [ux, uy, uz] = model.axis.subarray(3 * body, 3 * body + 3);
  const off = Math.hypot(y * uz - z * uy, z * ux - x * uz, x * uy - y * ux);
  return off < 1e-12 && model.joint_type[next] === 0;
}
