import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { comparePaired, type PairedComparison } from '../../learning/index.ts';
import { hashOf } from '../../perception/index.ts';
import { ordersOf, runRollouts } from '../learned/index.ts';
import { readTaskPolicy } from '../policies/task_policy_file.ts';
import { recipeOfCommand } from './recorded_command.ts';
import { type TrainingEvents, trainPolicy } from './train_policy.ts';

/** Success may be lower by so much where the bytes are others. */
const MARGIN = 0.005;

export interface RebuildSetting {
  /** The policy's network, with its manifest beside it. */
  readonly file: string;
  readonly workers: number;
  /** Worlds that both are played in where the bytes are others, and their seed. */
  readonly episodes: number;
  readonly seed: number;
  /** Of the threads that play; as built by default. */
  readonly programs?: { readonly player: string; readonly rollout: string };
}

export interface Rebuild {
  /** `close`: other bytes, and success at most half a point lower on the same worlds. */
  readonly outcome: 'same_bytes' | 'close' | 'different';
  readonly command: string;
  /** Of the policy that is there, and of the one that was made again. */
  readonly sha256: { readonly there: string; readonly rebuilt: string };
  /** The one made again against the one that is there; null for equal bytes. */
  readonly comparison: PairedComparison | null;
}

/**
 * Trains a policy again by the command of its manifest, in a folder of its own, and compares the two.
 * @returns null if `signal` ended it
 * @throws InputError if the manifest does not fit, or its command cannot be done again
 */
export async function rebuildPolicy(
  { file, workers, episodes, seed, programs }: RebuildSetting,
  events: TrainingEvents = {},
  signal?: AbortSignal,
): Promise<Rebuild | null> {
  const there = readTaskPolicy(file);
  const { command } = there.manifest.training;
  // Neither what is tried on the way nor the figure at the end changes what is learned.
  const recipe = { ...recipeOfCommand(command, file), held_out: 0, final: 0 };
  const folder = await mkdtemp(join(tmpdir(), 'surepick-rebuild-'));
  try {
    const out = join(folder, basename(file));
    const player = programs === undefined ? {} : { player_program: programs.player };
    const report = await trainPolicy({ recipe, out, workers, resume: false, ...player }, events, signal);
    if (report === null) return null;
    const rebuilt = { bytes: await readFile(out), manifest: report.manifest, where: out };
    const sha256 = { there: there.manifest.sha256, rebuilt: hashOf(rebuilt.bytes) };
    if (sha256.there === sha256.rebuilt) return { outcome: 'same_bytes', command, sha256, comparison: null };
    const played = [];
    for (const model of [rebuilt, there]) {
      const options = { model, orders: ordersOf(seed, episodes), workers };
      const rollout = programs === undefined ? {} : { program: programs.rollout };
      played.push(await runRollouts({ ...options, ...rollout }, undefined, signal));
    }
    if (signal?.aborted === true) return null;
    const [again, before] = played.map((all) => all.map(({ success }) => success));
    const comparison = comparePaired(again, before);
    return { outcome: comparison.difference >= -MARGIN ? 'close' : 'different', command, sha256, comparison };
  } finally {
    await rm(folder, { recursive: true });
  }
}
