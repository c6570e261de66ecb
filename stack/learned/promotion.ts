import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import type { PairedComparison } from '../../learning/index.ts';
import { ENGINES, OBJECT_SETS, RANDOMIZATIONS } from '../options.ts';
import { manifestFileOf, readTaskPolicy, type TaskPolicyModel } from '../policies/task_policy_file.ts';
import { evaluatePolicy, type PolicyScore } from './evaluation.ts';
import { type EvaluationSetting, openPolicy } from './play_policy.ts';

const suite = z.strictObject({
  name: z.string().min(1),
  engine: z.enum(ENGINES).default('cannon'),
  randomize: z.enum(RANDOMIZATIONS).default('none'),
  objects: z.enum(OBJECT_SETS).default('all'),
  second_world: z.string().nullable().default(null),
  /** What befalls every episode, as `surepick sim --disturb` has it: a suite of triggers is one whose textures are strange. */
  disturb: z.string().optional(),
  seed: z.number().int().nonnegative(),
  episodes: z.number().int().min(1).max(100_000),
  /** The candidate may be worse by so much, at most, with the confidence of the interval. */
  margin: z.number().positive().max(1).default(0.05),
  /** Least lower bound of the success rate; asked of a first policy, which has none to be compared with. */
  least: z.number().min(0).max(1).default(0),
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
  readonly passed: boolean;
  readonly reason: string;
}

export interface Promotion {
  readonly promoted: boolean;
  readonly reason: string;
  readonly candidate: { readonly file: string; readonly sha256: string };
  /** What stood under the name before; null for a first policy. */
  readonly current: { readonly file: string; readonly sha256: string } | null;
  readonly results: readonly SuiteResult[];
  /** Where the record was written. */
  readonly record: string;
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

export interface PromotionOptions {
  /** The candidate's ONNX file. */
  readonly file: string;
  /** Path without ending: NAME.onnx, its manifest and NAME.promotion.json. */
  readonly name: string;
  readonly suites: readonly Suite[];
  readonly setting: Pick<EvaluationSetting, 'task' | 'model' | 'workers'>;
}

/** What the suites say of a candidate. */
export type SuiteVerdict = Omit<Promotion, 'record'>;

/**
 * The regression gate: a policy takes the place of NAME.onnx only if it is not worse on every suite, with 95 % confidence;
 * a record of all results is written either way.
 */
export async function promotePolicy(options: PromotionOptions, signal?: AbortSignal): Promise<Promotion> {
  const { file, name } = options;
  const model = readTaskPolicy(file);
  const verdict = await judgeOnSuites(options, signal);
  if (verdict.candidate.sha256 !== model.manifest.sha256)
    throw new InputError(`${file}: SHA-256 ${verdict.candidate.sha256}`, `it was ${model.manifest.sha256} at first`);
  const record = `${name}.promotion.json`;
  // A record that says so comes after what it says.
  if (verdict.promoted) installPolicy(model, `${name}.onnx`);
  writeWhole(record, JSON.stringify({ schema: 'surepick.promotion', version: 1, ...verdict, record }, null, 2));
  return { ...verdict, record };
}

/** Plays a candidate and what stands under the name in every suite; changes nothing. */
export async function judgeOnSuites(options: PromotionOptions, signal?: AbortSignal): Promise<SuiteVerdict> {
  const { file, name, setting } = options;
  const target = `${name}.onnx`;
  const model = readTaskPolicy(file);
  const candidate = { file, sha256: model.manifest.sha256 };
  const current = existsSync(target) ? { file: target, sha256: readTaskPolicy(target).manifest.sha256 } : null;
  const results: SuiteResult[] = [];
  for (const suite of options.suites) {
    const { engine, randomize, objects, second_world, disturb, seed, episodes } = suite;
    const befalls = disturb === undefined ? {} : { disturb };
    const drawn = { engine, randomize, objects, second_world, seed, ...befalls };
    const worlds: EvaluationSetting = { ...setting, ...drawn, pictures: null };
    const open = (path: string) => openPolicy(`onnx:${path}`, worlds, () => {});
    const against = current === null ? null : open(target);
    const evaluation = await evaluatePolicy(
      { policy: open(file), against, first: 0, episodes, until_decided: null },
      signal,
    );
    if (evaluation.score.model_sha256 !== candidate.sha256)
      throw new InputError(`${file}: SHA-256 ${evaluation.score.model_sha256}`, `it was ${candidate.sha256} at first`);
    if (evaluation.interrupted) throw new InputError('promotion', 'was interrupted; nothing was promoted');
    results.push(judge(suite, evaluation.score, evaluation.against, evaluation.comparison));
  }
  const failed = results.filter(({ passed }) => !passed);
  const promoted = failed.length === 0;
  const reason = promoted
    ? 'not worse on any suite'
    : failed.map(({ suite, reason: why }) => `${suite.name}: ${why}`).join('; ');
  return { promoted, reason, candidate, current, results };
}

function judge(
  suite: Suite,
  score: PolicyScore,
  against: PolicyScore | null,
  comparison: PairedComparison | null,
): SuiteResult {
  const { failures: _, ...candidate } = score;
  const current = against === null ? null : withoutFailures(against);
  const worst = comparison?.interval[0] ?? 0;
  const low = score.wilson95[0];
  const refused: string[] = [];
  if (comparison === null && suite.least === 0) refused.push('a first policy needs a least success rate in each suite');
  if (low < suite.least) refused.push(`success is only at least ${low.toFixed(3)}, asked ${suite.least}`);
  if (worst < -suite.margin) refused.push(`may be worse by ${(-worst).toFixed(3)}, over ${suite.margin}`);
  return { suite, candidate, current, comparison, passed: refused.length === 0, reason: refused.join('; ') };
}

function withoutFailures({ failures: _, ...rest }: PolicyScore): Omit<PolicyScore, 'failures'> {
  return rest;
}

/** The network under its new name, then the manifest that names it. */
export function installPolicy({ bytes, manifest }: TaskPolicyModel, target: string): void {
  writeFileSync(`${target}.part`, bytes);
  const text = JSON.stringify({ ...manifest, model: basename(target) }, null, 2);
  renameSync(`${target}.part`, target);
  writeWhole(manifestFileOf(target), text);
}

function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.part`, `${text}\n`);
  renameSync(`${file}.part`, file);
}
