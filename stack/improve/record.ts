import { z } from 'zod';
import type { PairedComparison, Screening } from '../../learning/index.ts';
import type { PolicyScore, SuiteVerdict } from '../learned/index.ts';
import type { CanaryReport } from './canary.ts';
import type { ComparedScores } from './compare_until_decided.ts';
import type { ImproveRecipe } from './recipe.ts';

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();
const set = z.strictObject({ source: z.string().min(1), sha256, episodes: count });
export type SetFacts = Readonly<z.infer<typeof set>>;

/** What is read of the record of a turn, by later turns and by whoever reports it; the rest of it stays as it is. */
export const turnRecord = z.looseObject({
  schema: z.literal('surepick.improvement'),
  version: z.literal(1),
  turn: z.number().int().positive(),
  promoted: z.boolean(),
  corrections: set.nullable(),
});
const file = z.strictObject({ file: z.string(), sha256 });
const side = z.looseObject({ success_rate: z.number() }).nullable();
const source = z.looseObject({ source: z.string(), refused: count, records: count, named: z.boolean() });
export const turnOutcome = turnRecord
  .extend({
    ...{ policy: file, candidate: file.nullable(), data: z.array(set), reason: z.string() },
    ...{ before: side, after: side, scored: side },
    ...{ refused: z.array(z.strictObject({ source: z.string(), name: z.string(), reason: z.string() })) },
    sources: z.array(source),
  })
  .transform(({ schema: _, version: __, ...outcome }) => outcome);
/** How a turn ended, as its record says. */
export type TurnOutcome = Readonly<z.infer<typeof turnOutcome>>;

/** The score of a policy as records have it. */
export type Side = Omit<PolicyScore, 'failures'>;

/** What came of the worlds in which the policy was watched. */
export interface WatchFacts {
  readonly episodes: number;
  readonly successes: number;
  /** Failed episodes by stage. */
  readonly stages: Readonly<Record<string, number>>;
  /** Episodes in which the safety gate limited or stopped a command. */
  readonly with_interventions: number;
  /** States from which the expert showed the way. */
  readonly shown: number;
}

/** All that a turn did, with what it takes to make it again. */
export interface ImproveRecord {
  readonly turn: number;
  readonly command: string;
  readonly recipe: ImproveRecipe;
  readonly policy: { readonly file: string; readonly sha256: string };
  readonly candidate: { readonly file: string; readonly sha256: string } | null;
  readonly watched: WatchFacts;
  /** Of this turn; null where there was nothing to correct. */
  readonly corrections: SetFacts | null;
  /** All that the candidate was trained on, after the checks. */
  readonly data: readonly SetFacts[];
  readonly refused: Screening['refused'];
  readonly sources: Screening['sources'];
  /** On the worlds that decided; optimistic of the one that won, see `scored`. */
  readonly before: Side | null;
  readonly after: Side | null;
  readonly comparison: PairedComparison | null;
  readonly verdict: ComparedScores['verdict'] | null;
  /** A better candidate on fresh worlds that decide nothing. */
  readonly scored: Side | null;
  readonly suites: SuiteVerdict | null;
  readonly canary: CanaryReport | null;
  readonly promoted: boolean;
  readonly reason: string;
}

/** What is known once a candidate has been judged. */
export type Judged = Pick<
  ImproveRecord,
  'candidate' | 'before' | 'after' | 'comparison' | 'verdict' | 'scored' | 'suites' | 'canary' | 'promoted' | 'reason'
>;
