import { join } from 'node:path';
import {
  type CloningOptions,
  cloneBehaviour,
  type Demonstration,
  exportPolicy,
  initialCloningState,
  loadCheckpoint,
  saveCheckpoint,
} from '../../learning/index.ts';
import type { TrainedPolicy } from '../training/trained_policy.ts';
import { isThere } from '../training/training_folder.ts';
import { POINT_STEPS, TrainingSamples } from '../training/training_samples.ts';

const PROBES = 64;

/** Where an interrupted training is kept in the folder of a turn. */
export function checkpointIn(working: string): string {
  return join(working, 'checkpoint');
}

export interface RetrainOptions {
  readonly demonstrations: readonly Demonstration[];
  readonly sizes: { readonly observation: number; readonly action: number };
  readonly history: number;
  readonly chunk: number;
  readonly ensembling_decay: number;
  readonly hidden: readonly number[];
  readonly seed: number;
  readonly steps: number;
  readonly batch: number;
  readonly rate: number;
  readonly checkpoint: string;
  /** What a checkpoint is of: another is not taken for it. */
  readonly label: string;
}

export interface Retrained {
  readonly policy: TrainedPolicy;
  readonly steps: number;
  /** Greatest difference of the export from the trainer on probes. */
  readonly parity: number;
}

/**
 * Trains a network anew on demonstrations, the same from the same demonstrations whether or not it was interrupted: a
 * policy depends on its data, not on how many turns there were.
 *
 * @returns null if `stopped` says so
 */
export async function retrain(
  options: RetrainOptions,
  onPoint: (step: number, held_out: number) => void,
  stopped: () => boolean,
): Promise<Retrained | null> {
  const { sizes, history, chunk, hidden, checkpoint, label } = options;
  const network = { inputs: history * sizes.observation, hidden, chunk, action: sizes.action };
  const cloning: CloningOptions = { ...options, shape: network, threads: 1 };
  const samples = await TrainingSamples.of(network, options, history);
  try {
    const start = (await isThere(checkpoint)) ? await loadCheckpoint(checkpoint, label) : initialCloningState(cloning);
    const state = await cloneBehaviour(cloning, start, samples.from([options]), async (_, now) => {
      if (now.step % POINT_STEPS !== 0 && now.step !== options.steps) return false;
      await saveCheckpoint(checkpoint, label, now);
      onPoint(now.step, await samples.loss.of(now.theta));
      return stopped();
    });
    if (stopped()) return null;
    const { held_out, observation, action } = samples;
    const probes = held_out.x.subarray(0, Math.min(PROBES, held_out.count) * network.inputs);
    const { model, difference } = await exportPolicy(network, state.theta, probes);
    const { ensembling_decay } = options;
    return { policy: { model, network, observation, action, ensembling_decay }, steps: state.step, parity: difference };
  } finally {
    await samples.close();
  }
}
