import { InputError } from '../../contracts/index.ts';

export type SequentialVerdict = 'open' | 'above' | 'below';

export interface SequentialOptions {
  /** Rate that is asked about, and the half width of the zone around it in which either answer will do. */
  readonly rate: number;
  readonly indifference: number;
  /** Share of wrong answers at the edges of the zone, at most. */
  readonly error: number;
}

/**
 * Sequential probability ratio test of a success rate (Wald, Annals of Mathematical Statistics 16, 1945): decides as early
 * as the outcomes allow whether the rate is above or below the one asked about.
 */
export class SequentialTest {
  verdict: SequentialVerdict = 'open';
  /** Outcomes that have been told before the verdict, with the one that decided. */
  count = 0;
  private readonly step: { readonly success: number; readonly failure: number };
  private readonly bound: number;
  private ratio = 0;

  constructor({ rate, indifference, error }: SequentialOptions) {
    const low = rate - indifference;
    const high = rate + indifference;
    if (!(low > 0 && high < 1 && indifference > 0)) {
      throw new InputError(`rate ${rate} within ${indifference}`, 'a zone inside 0..1');
    }
    if (!(error > 0 && error < 0.5)) throw new InputError(`error ${error}`, 'above 0 and below 0.5');
    this.step = { success: Math.log(high / low), failure: Math.log((1 - high) / (1 - low)) };
    this.bound = Math.log((1 - error) / error);
  }

  /** Tells one more outcome; after a verdict they count for nothing. */
  add(success: boolean): SequentialVerdict {
    if (this.verdict !== 'open') return this.verdict;
    this.count++;
    this.ratio += success ? this.step.success : this.step.failure;
    if (this.ratio >= this.bound) this.verdict = 'above';
    else if (this.ratio <= -this.bound) this.verdict = 'below';
    return this.verdict;
  }
}
