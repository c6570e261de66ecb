import type { Layout } from './layout.ts';
import { integers, type MjModel } from './module.ts';

/** Coefficients of a pair of geoms: two of sliding, one of torsion, two of rolling. */
const WIDTH = 5;

/** Friction between the robot and the objects that counts by a share for one step. */
export class SlickHand {
  /** Share that counts in the next step; one entry. */
  readonly share = Float64Array.of(1);
  private readonly pairs: Int32Array;
  private changed = false;
  private readonly whole: Float64Array;

  /**
   * @param objects  how many there are; they come before the robot's bodies in the layout's numbers
   * @param pair_friction  of the model, as it is otherwise
   */
  constructor(model: MjModel, { geom_number }: Layout, objects: number, pair_friction: Float64Array) {
    const first = integers(model.pair_geom1);
    const second = integers(model.pair_geom2);
    const isObject = (body: number): boolean => body > 0 && body <= objects;
    const listed = [...first.keys()].filter((k) => {
      const [a, b] = [geom_number[first[k]], geom_number[second[k]]];
      return (a > objects && isObject(b)) || (b > objects && isObject(a));
    });
    this.pairs = Int32Array.from(listed);
    this.whole = Float64Array.from(listed.flatMap((k) => [...pair_friction.subarray(WIDTH * k, WIDTH * (k + 1))]));
  }

  /** Before a step. */
  begin(pair_friction: Float64Array): void {
    if (this.share[0] === 1) return;
    this.apply(this.share[0], pair_friction);
    this.changed = true;
  }

  /** After it. */
  end(pair_friction: Float64Array): void {
    if (!this.changed) return;
    this.apply(1, pair_friction);
    this.share[0] = 1;
    this.changed = false;
  }

  private apply(share: number, pair_friction: Float64Array): void {
    const { pairs, whole } = this;
    for (let k = 0; k < pairs.length; k++) {
      for (let c = 0; c < WIDTH; c++) pair_friction[WIDTH * pairs[k] + c] = share * whole[WIDTH * k + c];
    }
  }
}
