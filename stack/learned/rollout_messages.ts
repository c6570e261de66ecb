import type { TaskPolicyModel } from '../policies/task_policy_file.ts';
import type { RolloutEpisode, RolloutKeeping, RolloutOrder, RolloutWorld } from './rollout_group.ts';

/** Handed to a rollout worker once, as workerData. */
export interface RolloutSetup {
  readonly model: TaskPolicyModel;
  readonly world: RolloutWorld;
  readonly keeping: RolloutKeeping;
  readonly orders: readonly RolloutOrder[];
  /** Worlds side by side. */
  readonly worlds: number;
  /** Int32: next order that nobody has taken; then not 0 once the run is to end. */
  readonly shared: SharedArrayBuffer;
}

export type FromRolloutWorker =
  | { readonly kind: 'episode'; readonly episode: RolloutEpisode }
  /** Errors lose their class between threads: `input` says that the user's input caused it. */
  | { readonly kind: 'failed'; readonly input: boolean; readonly message: string };

/** Takes orders that several threads share, each once. */
export function takeFrom({ orders, shared }: Pick<RolloutSetup, 'orders' | 'shared'>): () => RolloutOrder | null {
  const counter = new Int32Array(shared);
  return () => {
    if (Atomics.load(counter, 1) !== 0) return null;
    return orders[Atomics.add(counter, 0, 1)] ?? null;
  };
}
