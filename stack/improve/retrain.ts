import { stat } from 'node:fs/promises';
import {
  type CloningOptions,
  cloneBehaviour,
  cutChunks,
  type Demonstration,
  exportPolicy,
  fitNormalisation,
  HeldOutLoss,
  initialCloningState,
  loadCheckpoint,
  normalise,
  saveCheckpoint,
} from '../../learning/index.ts';
import type { TrainedPolicy } from '../training/trained_policy.ts';

/** Steps between two looks at the loss on what is held out, which are where a training can be taken up again. */
const POINT_STEPS = 250;
/** One demonstration of so many is held out. */
const HELD_OUT_SHARE = 10;
const PROBES = 64;

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
  /** Where an interrupted training is kept, and what it is of: another is not taken for it. */
  readonly checkpoint: string;
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
  const { demonstrations, sizes, history, chunk, hidden, checkpoint, label } = options;
  const isHeldOut = (k: number): boolean => k % HELD_OUT_SHARE === HELD_OUT_SHARE - 1;
  const own = demonstrations.filter((_, k) => !isHeldOut(k));
  const rest = demonstrations.filter((_, k) => isHeldOut(k));
  const observation = fitNormalisation(own, 'observations', sizes.observation);
  const action = fitNormalisation(own, 'actions', sizes.action);
  const layout = { ...sizes, history, chunk, gripper: sizes.action - 1 };
  const samplesOf = (some: readonly Demonstration[]) => {
    const samples = cutChunks(some, layout);
    normalise(samples, observation, action);
    return samples;
  };
  const samples = samplesOf(own);
  const held_out = samplesOf(rest.length > 0 ? rest : own);
  const network = { inputs: history * sizes.observation, hidden, chunk, action: sizes.action };
  const cloning: CloningOptions = { ...options, shape: network, threads: 1 };
  const loss = await HeldOutLoss.open(network, held_out, 1);
  try {
    const there = (await stat(checkpoint).catch(() => null)) !== null;
    const start = there ? await loadCheckpoint(checkpoint, label) : initialCloningState(cloning);
    const state = await cloneBehaviour(cloning, start, samples, async (_, now) => {
      if (now.step % POINT_STEPS !== 0 && now.step !== options.steps) return false;
      await saveCheckpoint(checkpoint, label, now);
      onPoint(now.step, await loss.of(now.theta));
      return stopped();
    });
    if (stopped()) return null;
    const probes = held_out.x.subarray(0, Math.min(PROBES, held_out.count) * network.inputs);
    const { model, difference } = await exportPolicy(network, state.theta, probes);
    const { ensembling_decay } = options;
    return { policy: { model, network, observation, action, ensembling_decay }, steps: state.step, parity: difference };
  } finally {
    await loss.close();
  }
}
