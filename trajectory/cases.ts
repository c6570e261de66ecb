import { z } from 'zod';
import { InputError } from '../contracts/index.ts';
import { describeFailure } from './failure.ts';
import { TrajectoryGenerator } from './generator.ts';
import { SYNCHRONIZATIONS, type Synchronization, TrajectoryInput } from './input.ts';

const numbers = z.array(z.number('must be a finite number'), 'must be a list of numbers, one a joint');
const bounds = z.array(
  z.number('must be a finite number').nullable(),
  'must be a list of numbers or null, one a joint',
);

/** Motions to plan, one number a joint each; rad or m, s. Without p1 the target is a velocity at any position. */
export const trajectoryCases = z.object({
  cases: z
    .array(
      z.object({
        p0: numbers.min(1, 'must have at least one joint'),
        v0: numbers,
        a0: numbers,
        p1: numbers.nullish(),
        v1: numbers,
        a1: numbers,
        vmax: numbers,
        amax: numbers,
        jmax: numbers,
        pmin: bounds.nullish(),
        pmax: bounds.nullish(),
      }),
      'must be a list of cases',
    )
    .min(1, 'must have at least one case'),
  synchronization: z.enum(SYNCHRONIZATIONS, `must be one of ${SYNCHRONIZATIONS.join(', ')}`).optional(),
});
export type TrajectoryCases = z.infer<typeof trajectoryCases>;
export type TrajectoryCase = TrajectoryCases['cases'][number];

const VECTORS = ['p0', 'v0', 'a0', 'v1', 'a1', 'vmax', 'amax', 'jmax'] as const;
const LIMITS = ['vmax', 'amax', 'jmax'] as const;

/** Turns case `i` of `where` into an input. Throws InputError for wrong lengths, limits not above 0 and pmin > pmax. */
export function caseInput(given: TrajectoryCase, i: number, where: string): TrajectoryInput {
  const n = given.p0.length;
  const place = `${where} at cases[${i}]`;
  const input = new TrajectoryInput(n);
  const copy = (field: keyof TrajectoryCase, from: readonly (number | null)[], to: Float64Array): void => {
    if (from.length !== n) throw new InputError(`${place}.${field} has ${from.length} numbers`, `p0 has ${n}`);
    for (let k = 0; k < n; k++) to[k] = from[k] ?? to[k];
  };
  for (const field of VECTORS) copy(field, given[field], input[field]);
  for (const field of LIMITS) {
    const k = input[field].findIndex((limit) => !(limit > 0));
    if (k >= 0) throw new InputError(`${place}.${field}[${k}] = ${input[field][k]}`, 'must be above 0');
  }
  if (given.p1 === undefined || given.p1 === null) input.free_position = true;
  else copy('p1', given.p1, input.p1);
  if (given.pmin) copy('pmin', given.pmin, input.pmin);
  if (given.pmax) copy('pmax', given.pmax, input.pmax);
  for (let k = 0; k < n; k++) {
    if (input.pmin[k] <= input.pmax[k]) continue;
    throw new InputError(`${place}.pmin[${k}] = ${input.pmin[k]}`, `must be at most pmax[${k}] = ${input.pmax[k]}`);
  }
  return input;
}

export interface TrajectorySamples {
  /** s; k·dt, and the duration. */
  readonly t: number[];
  /** [sample][joint] */
  readonly p: number[][];
  readonly v: number[][];
  readonly a: number[][];
}

export interface TrajectoryResult {
  /** s; null with a reason if there is no trajectory. */
  readonly duration: number | null;
  readonly reason?: string;
  /** How the joints truly go together. */
  readonly synchronization?: Synchronization;
  /** When each joint arrives, if they are not synchronised. */
  readonly joint_durations?: number[];
}

/** Most samples of one case. */
const MOST_SAMPLES = 10_000_000;

/** Plans cases one after the other; keeps a generator for each number of joints. */
export class CasePlanner {
  private readonly generators = new Map<number, TrajectoryGenerator>();

  plan(input: TrajectoryInput, synchronization: Synchronization): TrajectoryResult {
    const generator = this.generatorOf(input.n);
    if (!generator.plan(input, synchronization)) {
      return { duration: null, reason: describeFailure(generator.failure) ?? 'no trajectory' };
    }
    const { duration, synchronized, joint_durations } = generator;
    const result = { duration, synchronization: synchronized };
    return synchronized === 'none' ? { ...result, joint_durations: Array.from(joint_durations) } : result;
  }

  /** Samples of the trajectory last planned for n joints. Throws InputError, naming `place`, when there would be too many. */
  sample(n: number, dt_s: number, place: string): TrajectorySamples {
    const generator = this.generatorOf(n);
    const { duration } = generator;
    if (duration / dt_s > MOST_SAMPLES) {
      throw new InputError(`${place}: samples of ${duration} s at ${dt_s} s`, `at most ${MOST_SAMPLES}; raise --dt`);
    }
    const p = new Float64Array(n);
    const v = new Float64Array(n);
    const a = new Float64Array(n);
    const samples: TrajectorySamples = { t: [], p: [], v: [], a: [] };
    for (let k = 0; ; k++) {
      const t = k * dt_s < duration * (1 - 1e-12) ? k * dt_s : duration;
      generator.sample(t, p, v, a);
      samples.t.push(t);
      samples.p.push(Array.from(p));
      samples.v.push(Array.from(v));
      samples.a.push(Array.from(a));
      if (t === duration) return samples;
    }
  }

  private generatorOf(n: number): TrajectoryGenerator {
    const generator = this.generators.get(n) ?? new TrajectoryGenerator(n);
    this.generators.set(n, generator);
    return generator;
  }
}
