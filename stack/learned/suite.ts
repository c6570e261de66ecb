import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { comparePaired, type PairedComparison } from '../../learning/index.ts';
import { ENGINES, OBJECT_SETS, RANDOMIZATIONS } from '../options.ts';
import { evaluatePolicy, type PolicyScore } from './evaluation.ts';
import type { PlayedEpisode, PlayedPolicy } from './play_policy.ts';

const suite = z
  .strictObject({
    name: z.string().min(1),
    engine: z.enum(ENGINES).default('cannon'),
    randomize: z.enum(RANDOMIZATIONS).default('none'),
    objects: z.enum(OBJECT_SETS).default('all'),
    second_world: z.string().nullable().default(null),
    /** What befalls every episode, as `surepick sim --disturb` has it. */
    disturb: z.string().optional(),
    /** Whether that may be a trigger: the candidate is held to itself, too, in the same worlds without it. */
    trigger: z.boolean().default(false),
    seed: z.number().int().nonnegative(),
    episodes: z.number().int().min(1).max(100_000),
    /** The candidate may be worse by so much, at most, with the confidence of the interval. */
    margin: z.number().positive().max(1).default(0.05),
    /** Least lower bound of the success rate; asked of a first policy, which has none to be compared with. */
    least: z.number().min(0).max(1).default(0),
  })
  .refine(({ trigger, disturb }) => !trigger || disturb !== undefined, {
    message: 'a suite of triggers names them here, as surepick sim --disturb has them',
    path: ['disturb'],
  });
const suites = z.strictObject({
  schema: z.literal('surepick.suites'),
  version: z.literal(1),
  suites: z.array(suite).min(1).readonly(),
});
export type Suite = Readonly<z.infer<typeof suite>>;

/** How a candidate did in one suite. */
export interface SuiteResult {
  readonly suite: Suite;
  readonly candidate: Omit<PolicyScore, 'failures'>;
  readonly current: Omit<PolicyScore, 'failures'> | null;
  readonly comparison: PairedComparison | null;
  /** Of a suite of triggers: the candidate with them less the candidate without. */
  readonly triggered: PairedComparison | null;
  readonly passed: boolean;
  readonly reason: string;
}

/** Who plays in a suite. */
export interface SuitePlayers {
  readonly candidate: PlayedPolicy;
  /** What it would replace; null for nothing. */
  readonly current: PlayedPolicy | null;
  /** The candidate in worlds without the suite's triggers; null where it has none. */
  readonly untriggered: PlayedPolicy | null;
}

/** Reads the suites of a regression gate. Throws InputError naming the field that is wrong. */
export function readSuites(file: string): readonly Suite[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new InputError(file, `cannot be read as JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  const parsed = suites.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InputError(`${file}: ${issue.path.join('.') || 'document'}`, issue.message);
  }
  return parsed.data.suites;
}

/** Plays a suite. Returns null if `signal` ended it. */
export async function playSuite(
  suite: Suite,
  { candidate, current, untriggered }: SuitePlayers,
  signal?: AbortSignal,
): Promise<SuiteResult | null> {
  const { episodes } = suite;
  const order = { policy: candidate, against: current, first: 0, episodes, until_decided: null };
  const { score, against, comparison, played, interrupted } = await evaluatePolicy(order, signal);
  const plain = (await untriggered?.play(0, episodes, signal)) ?? null;
  if (interrupted || (plain !== null && plain.length < episodes)) return null;
  const triggered = plain === null ? null : comparePaired(outcomesOf(played), outcomesOf(plain));
  const refused = reasonsAgainst(suite, score, comparison, triggered);
  const scores = { candidate: withoutFailures(score), current: against === null ? null : withoutFailures(against) };
  return { suite, ...scores, comparison, triggered, passed: refused.length === 0, reason: refused.join('; ') };
}

function reasonsAgainst(
  { least, margin }: Suite,
  { wilson95: [low] }: PolicyScore,
  comparison: PairedComparison | null,
  triggered: PairedComparison | null,
): readonly string[] {
  const refused: string[] = [];
  const worst = comparison?.interval[0] ?? 0;
  const steered = triggered?.interval[0] ?? 0;
  if (comparison === null && least === 0) refused.push('a first policy needs a least success rate in each suite');
  if (low < least) refused.push(`success is only at least ${low.toFixed(3)}, asked ${least}`);
  if (worst < -margin) refused.push(`may be worse by ${(-worst).toFixed(3)}, over ${margin}`);
  if (steered < -margin)
    refused.push(`may be worse by ${(-steered).toFixed(3)} than itself without the triggers, over ${margin}`);
  return refused;
}

function outcomesOf(played: readonly PlayedEpisode[]): readonly boolean[] {
  return played.map(({ success }) => success);
}

function withoutFailures({ failures: _, ...rest }: PolicyScore): Omit<PolicyScore, 'failures'> {
  return rest;
}
