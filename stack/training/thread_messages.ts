import type { ObservedFeature } from '../../control/index.ts';
import type { Demonstration, EyeFrames } from '../../learning/index.ts';
import type { EnvironmentOptions } from '../env/index.ts';
import type { TrainedPolicy } from './trained_policy.ts';
import type { EyeNetwork } from './vision_seeing.ts';

/** Who drives in an episode: see DemonstrationPlayer. */
export type Driver = 'expert' | 'mixed' | 'policy';

interface World {
  readonly seed: number;
  readonly episode: number;
}

/** The recorded actions of an episode, −1..1 in rows, and the step from which on the expert drives in their place. */
export interface Handover {
  readonly actions: Float32Array;
  readonly step: number;
}

/** An episode to be played: its world, and who drives. */
export type EpisodeOrder =
  | (World & { readonly driver: Driver })
  /** `deviation`: of the noise, a share of an action's range of −1..1. */
  | (World & { readonly driver: 'explore'; readonly deviation: number })
  /** Rows of −1..1 of an episode that somebody drove. */
  | (World & { readonly driver: 'repeat'; readonly actions: Float32Array })
  | (World & { readonly driver: 'retrace'; readonly handover: Handover });

/** What a player is started with. */
export interface PlayerSetup {
  readonly environment: EnvironmentOptions;
  readonly features: readonly ObservedFeature[];
  /** What turns pictures into observations; left out where there are none, or not yet. */
  readonly eye?: EyeNetwork;
}

/** Pictures to be taken of an episode of the expert, from so many of its steps. */
export interface PictureOrder {
  readonly seed: number;
  readonly episode: number;
  readonly steps: number;
}

/** What a player is asked. */
export type PlayerOrder =
  | { readonly kind: 'policy'; readonly policy: TrainedPolicy }
  | { readonly kind: 'play'; readonly order: EpisodeOrder }
  | { readonly kind: 'pictures'; readonly order: PictureOrder };

export type PlayerAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'played'; readonly demonstration: Demonstration }
  | { readonly kind: 'pictured'; readonly frames: EyeFrames };

export type FromPlayer =
  | PlayerAnswer
  /** Errors lose their class between threads: `input` says that the user's input caused it. */
  | { readonly kind: 'failed'; readonly input: boolean; readonly message: string };
