import type { Contacts } from './contacts.ts';

/** Friction between the robot and the objects that counts by a share for one step. */
export class SlickHand {
  private readonly friction: Float64Array;
  /** Pairs of a link and an object, and their coefficients as they are otherwise. */
  private readonly pairs: Int32Array;
  private readonly whole: Float64Array;
  /** Share that counts in the next step; one entry. */
  private readonly share = Float64Array.of(1);
  private changed = false;

  /** @param first_link  number of the first robot body among rigid bodies: 0 the fixed world, then the objects */
  constructor({ pair_a, pair_b, pair_friction, colliders: { rigid } }: Contacts, first_link: number) {
    const isObject = (body: number): boolean => body > 0 && body < first_link;
    const listed = [...pair_a.keys()].filter((k) => {
      const [a, b] = [rigid[pair_a[k]], rigid[pair_b[k]]];
      return (a >= first_link && isObject(b)) || (b >= first_link && isObject(a));
    });
    this.friction = pair_friction;
    this.pairs = Int32Array.from(listed);
    this.whole = Float64Array.from(listed, (k) => pair_friction[k]);
  }

  /** Everything that following steps depend on. */
  get memory(): Float64Array {
    return this.share;
  }

  set(share: number): void {
    this.share[0] = share;
  }

  /** Before a step. */
  begin(): void {
    if (this.share[0] === 1) return;
    this.apply(this.share[0]);
    this.changed = true;
  }

  /** After it. */
  end(): void {
    if (!this.changed) return;
    this.apply(1);
    this.share[0] = 1;
    this.changed = false;
  }

  private apply(share: number): void {
    const { friction, pairs, whole } = this;
    for (let k = 0; k < pairs.length; k++) friction[pairs[k]] = share * whole[k];
  }
}
