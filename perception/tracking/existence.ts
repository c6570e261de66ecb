/** How things come into view, go out of it, and are taken away. */
export interface ExistenceModel {
  /** Probability of a detection in one picture of what is there, in view and not hidden. */
  readonly detection: number;
  /** Mean time for which a thing stays where cameras look, until something hides it, and for which it is hidden, s. */
  readonly life_s: number;
  readonly unhidden_s: number;
  readonly hidden_s: number;
  /** Odds of a new track to be of a thing, before its detection is counted. */
  readonly birth_odds: number;
}

export const DEFAULT_EXISTENCE: ExistenceModel = {
  detection: 0.9,
  life_s: 120,
  unhidden_s: 5,
  hidden_s: 1.5,
  birth_odds: 1,
};

/**
 * Whether a tracked thing is there, and whether something hides it: a hidden Markov chain over {seen, hidden, absent}, in
 * which pictures with and without a detection are weighed by their likelihoods (Musicki, Evans, Stankovic, Integrated
 * probabilistic data association, 1994, with a state for what is hidden).
 */
export class Existence {
  /** Probabilities; absent is the rest. */
  seen: number;
  hidden = 0;
  private readonly model: ExistenceModel;

  /** @param odds  of the first detection to be of a thing */
  constructor(odds: number, model: ExistenceModel = DEFAULT_EXISTENCE) {
    this.model = model;
    const weighed = odds * model.birth_odds;
    this.seen = weighed / (1 + weighed);
  }

  /** Probability that it is there. */
  get present(): number {
    return this.seen + this.hidden;
  }

  predict(dt_s: number): void {
    if (!(dt_s > 0)) return;
    const { life_s, unhidden_s, hidden_s } = this.model;
    const stays = Math.exp(-dt_s / life_s);
    // Two states that take turns at these rates: the exact share after dt.
    const rate = 1 / unhidden_s + 1 / hidden_s;
    const mixed = 1 - Math.exp(-dt_s * rate);
    const hides = (mixed * (1 / unhidden_s)) / rate;
    const shows = (mixed * (1 / hidden_s)) / rate;
    const { seen, hidden } = this;
    this.seen = stays * (seen * (1 - hides) + hidden * shows);
    this.hidden = stays * (hidden * (1 - shows) + seen * hides);
  }

  /** It was detected. @param odds  of the detection to be of a thing, as far as it says something new */
  hit(odds: number): void {
    this.weigh(this.model.detection * odds, 0, 1 - this.model.detection);
  }

  /** A picture of where it should be has no detection of it. */
  miss(): void {
    this.weigh(1 - this.model.detection, 1, 1);
  }

  private weigh(seen: number, hidden: number, absent: number): void {
    const total = this.seen * seen + this.hidden * hidden + (1 - this.present) * absent;
    if (!(total > 0)) return;
    this.seen = (this.seen * seen) / total;
    this.hidden = (this.hidden * hidden) / total;
  }
}
