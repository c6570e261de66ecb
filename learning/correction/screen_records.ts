import { InputError, quantile, wilson95 } from '../../contracts/index.ts';
import { type ActionResponse, fitActionResponse, responseFit } from './action_response.ts';
import { binomialTail } from './binomial_tail.ts';
import { checkRecord, type EpisodeRecord, type RecordLayout } from './episode_record.ts';
import { outcomeContradiction } from './outcome_check.ts';

/** A record that is not to be learned from. */
export interface RefusedRecord {
  readonly source: string;
  readonly name: string;
  readonly reason: string;
}

/** What is to be thought of a source. */
export interface SourceVerdict {
  readonly source: string;
  readonly records: number;
  /** Records that contradict themselves. */
  readonly refused: number;
  /** By how many steps later its actions fit the motion, in most records where it is not 0; and in how many it is that. */
  readonly shift: { readonly steps: number; readonly records: number };
  /** Probability of as much against it if the source were like those that are trusted. */
  readonly chance: number;
  /** Whether nothing of it is to be learned from. */
  readonly named: boolean;
}

export interface Screening {
  readonly accepted: readonly EpisodeRecord[];
  /** Records that contradict themselves; those of named sources are left out besides. */
  readonly refused: readonly RefusedRecord[];
  readonly sources: readonly SourceVerdict[];
}

/** Greatest probability of naming any honest source. */
const FALSE_ALARM = 1e-3;
const LEAST_TRUSTED = 20;
/** Over so many times what is usual, actions do not belong to their motion. */
const RESIDUAL_FACTOR = 1.6;
const BIAS_FACTOR = 2;
const USUAL = 0.95;
/** A record alone says that its actions are shifted where they fit another moment better by this. */
const SHIFT_FACTOR = 0.93;

/**
 * Holds offered records to themselves: whether what is said of the outcome is what the last observation shows, and whether
 * the actions are those that moved the tool. A record that contradicts itself is refused. A source with more of them than
 * trusted ones would have by chance, or whose actions fit the motion at one other moment more often, is named and left out
 * whole (binomial, Bonferroni over sources and both).
 *
 * @param trusted  records whose making is known, e.g. of the scripted expert
 * @throws InputError if there are too few trusted ones, two records of one name, or one cannot be read
 */
export function screenRecords(
  trusted: readonly EpisodeRecord[],
  offered: readonly EpisodeRecord[],
  layout: RecordLayout,
): Screening {
  if (trusted.length < LEAST_TRUSTED)
    throw new InputError(`${trusted.length} trusted records`, `at least ${LEAST_TRUSTED} to hold others to`);
  const names = new Set<string>();
  for (const record of offered) {
    const name = `${record.name} of ${record.source}`;
    if (names.has(name)) throw new InputError(`record ${name}`, 'offered once');
    names.add(name);
  }
  for (const record of [...trusted, ...offered]) checkRecord(record, layout);
  // One half is the measure of the other: what is fitted is explained too well.
  const half = trusted.length >> 1;
  const measure = new Measure(trusted.slice(0, half), trusted.slice(half), layout);
  const known = trusted.slice(half).map((record) => measure.look(record));
  const looked = offered.map((record) => ({ record, ...measure.look(record) }));
  const rates = {
    refused: wilson95(known.filter(({ reason }) => reason !== null).length, known.length)[1],
    shifted: wilson95(known.filter(({ shift }) => shift !== 0).length, known.length)[1],
  };
  const sources = [...new Set(offered.map(({ source }) => source))];
  const verdicts = sources.map((source): SourceVerdict => {
    const own = looked.filter(({ record }) => record.source === source);
    const refused = own.filter(({ reason }) => reason !== null).length;
    const shift = commonShift(own.map((one) => one.shift));
    const chance = Math.min(
      1,
      2 *
        Math.min(
          binomialTail(refused, own.length, rates.refused),
          binomialTail(shift.records, own.length, rates.shifted),
        ),
    );
    return { source, records: own.length, refused, shift, chance, named: chance < FALSE_ALARM / sources.length };
  });
  const named = new Set(verdicts.filter((verdict) => verdict.named).map(({ source }) => source));
  return {
    accepted: looked.flatMap(({ record, reason }) => (reason === null && !named.has(record.source) ? [record] : [])),
    refused: looked.flatMap(({ record: { source, name }, reason }) =>
      reason === null ? [] : [{ source, name, reason }],
    ),
    sources: verdicts,
  };
}

/** What one record says of itself. */
interface Look {
  /** Why it is not to be learned from; null where nothing speaks against it. */
  readonly reason: string | null;
  /** Steps later at which its actions fit the motion best. */
  readonly shift: number;
}

/** What is usual of records that are trusted, and how others are held to it. */
class Measure {
  private readonly layout: RecordLayout;
  private readonly response: ActionResponse;
  private readonly residual_limit_m: number;
  private readonly bias_limit_m: number;

  constructor(fitted: readonly EpisodeRecord[], known: readonly EpisodeRecord[], layout: RecordLayout) {
    this.layout = layout;
    this.response = fitActionResponse(fitted, layout);
    const fits = known.map((record) => responseFit(this.response, record, layout));
    const usual = (of: 'residual_m' | 'bias_m') =>
      quantile(
        fits.map((fit) => fit[of]),
        USUAL,
      );
    this.residual_limit_m = RESIDUAL_FACTOR * usual('residual_m');
    this.bias_limit_m = BIAS_FACTOR * usual('bias_m');
  }

  look(record: EpisodeRecord): Look {
    const { response, layout, residual_limit_m, bias_limit_m } = this;
    const { residual_m, bias_m, shifted } = responseFit(response, record, layout);
    const unit = (metres: number) => `${(1000 * metres).toFixed(2)} mm a step`;
    const told = (): string | null => {
      const outcome = outcomeContradiction(record, layout);
      if (outcome !== null) return outcome;
      if (shifted.steps !== 0 && shifted.residual_m < SHIFT_FACTOR * residual_m)
        return `its actions fit the motion ${inWords(shifted.steps)}: ${unit(shifted.residual_m)} off there, ${unit(residual_m)} as they are`;
      if (residual_m > residual_limit_m)
        return `its actions are off the motion by ${unit(residual_m)}, usual is up to ${unit(residual_limit_m)}`;
      if (bias_m > bias_limit_m)
        return `its actions are off the motion to one side by ${unit(bias_m)}, usual is up to ${unit(bias_limit_m)}`;
      return null;
    };
    return { reason: told(), shift: shifted.steps };
  }
}

function inWords(steps: number): string {
  return `${Math.abs(steps)} steps ${steps > 0 ? 'later' : 'earlier'}`;
}

/** The most frequent shift that is not 0. */
function commonShift(shifts: readonly number[]): SourceVerdict['shift'] {
  let best = { steps: 0, records: 0 };
  for (const steps of new Set(shifts)) {
    const records = shifts.filter((one) => one === steps).length;
    if (steps !== 0 && records > best.records) best = { steps, records };
  }
  return best;
}
