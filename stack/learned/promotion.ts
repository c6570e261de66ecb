import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { manifestFileOf, readTaskPolicy, type TaskPolicyModel } from '../policies/task_policy_file.ts';
import { type EvaluationSetting, openPolicy } from './play_policy.ts';
import { playSuite, type Suite, type SuiteResult } from './suite.ts';

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
    const { engine, randomize, objects, second_world, seed, disturb } = suite;
    const worlds = { ...setting, engine, randomize, objects, second_world, seed, pictures: null };
    const open = (path: string, befalls: string | undefined) =>
      openPolicy(`onnx:${path}`, { ...worlds, ...(befalls === undefined ? {} : { disturb: befalls }) }, () => {});
    const players = {
      candidate: open(file, disturb),
      current: current === null ? null : open(target, disturb),
      untriggered: suite.trigger ? open(file, undefined) : null,
    };
    const result = await playSuite(suite, players, signal);
    if (result === null) throw new InputError('promotion', 'was interrupted; nothing was promoted');
    if (result.candidate.model_sha256 !== candidate.sha256)
      throw new InputError(`${file}: SHA-256 ${result.candidate.model_sha256}`, `it was ${candidate.sha256} at first`);
    results.push(result);
  }
  const failed = results.filter(({ passed }) => !passed);
  const promoted = failed.length === 0;
  const reason = promoted
    ? 'not worse on any suite'
    : failed.map(({ suite, reason: why }) => `${suite.name}: ${why}`).join('; ');
  return { promoted, reason, candidate, current, results };
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
