import type { ObservedFeature } from '../../control/index.ts';
import type { Demonstration } from '../../learning/index.ts';
import type { EnvironmentOptions } from '../env/index.ts';
import type { TrainedPolicy } from './trained_policy.ts';

/** Who drives in an episode: see DemonstrationPlayer. */
export type Driver = 'expert' | 'mixed' | 'policy';

/** An episode to be played: its world, and who drives. */
export interface EpisodeOrder {
  readonly driver: Driver;
  readonly seed: number;
  readonly episode: number;
}

/** What a thread is started with. */
export interface PlayerSetup {
  readonly environment: EnvironmentOptions;
  readonly features: readonly ObservedFeature[];
}

export type ToPlayer =
  | { readonly kind: 'policy'; readonly policy: TrainedPolicy }
  | { readonly kind: 'play'; readonly order: EpisodeOrder }
  | { readonly kind: 'end' };

export type FromPlayer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'played'; readonly demonstration: Demonstration }
  /** Errors lose their class between threads: `input` says that the user's input caused it. */
  | { readonly kind: 'failed'; readonly input: boolean; readonly message: string };
