import type { JointState } from '../../contracts/index.ts';

/** Puts joint states into the order of an arm's joints: a driver tells them in its own, often by the alphabet. */
export class JointOrder {
  private readonly names: readonly string[];
  /** Names that came last, and where in them each joint is; null where one is missing. */
  private told: readonly string[] = [];
  private places: readonly number[] | null = null;

  /** @param names  of the arm's joints, in its order */
  constructor(names: readonly string[]) {
    this.names = names;
  }

  /** A state that begins with the arm's joints in their order; null for one that does not have them all. */
  of(state: JointState): JointState | null {
    if (state.names !== this.told) this.look(state.names);
    const { places, names } = this;
    if (places === null) return null;
    if (places.every((place, i) => place === i)) return state;
    const pick = (values: Float64Array) => Float64Array.from(places, (place) => values[place] ?? Number.NaN);
    const { stamp_ns, position, velocity, effort } = state;
    return { stamp_ns, names, position: pick(position), velocity: pick(velocity), effort: pick(effort) };
  }

  private look(told: readonly string[]): void {
    const places = this.names.map((name) => told.indexOf(name));
    this.told = told;
    this.places = places.includes(-1) ? null : places;
  }
}
