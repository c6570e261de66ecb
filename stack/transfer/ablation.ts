import { type Difference, type PolicyOutcomes, pairedDifference } from '../../learning/index.ts';
import { SECOND_WORLD_FACTORS, type SecondWorldFactor } from '../../sim/index.ts';
import { type Play, seesPictures } from './play.ts';
import { describeWorld, type PlayedWorld, withoutFactors } from './worlds.ts';

/** Effects that only pictures show. */
const PICTURE_FACTORS: readonly SecondWorldFactor[] = ['frame_jitter', 'depth_holes', 'shading'];

/** What success in the second world gains when it lacks an effect. */
export interface FactorGain {
  /** Name of the effect; `all` for the engine without any. */
  readonly factor: SecondWorldFactor | 'all';
  /** Over the episodes of all policies, in pairs. */
  readonly gain: Difference;
}

/**
 * Which effect explains the gap: plays the second world without each of its effects, and without all, on the first
 * `episodes` of those that were played. Largest gain first; `all` is the whole of what effects cost.
 */
export async function ablate(
  played: readonly PolicyOutcomes[],
  to: PlayedWorld,
  first: number,
  episodes: number,
  play: Play,
  onPlayed?: (policy: string, world: string, successes: number, episodes: number) => void,
  signal?: AbortSignal,
): Promise<readonly FactorGain[]> {
  const gains: FactorGain[] = [];
  const sees = played.some(({ policy }) => seesPictures(policy));
  const factors = SECOND_WORLD_FACTORS.filter((factor) => sees || !PICTURE_FACTORS.includes(factor));
  const before = played.flatMap(({ to: outcomes }) => outcomes.slice(0, episodes));
  for (const factor of ['all', ...factors] as const) {
    const world = withoutFactors(to, factor === 'all' ? SECOND_WORLD_FACTORS : [factor]);
    const after: boolean[] = [];
    for (const { policy } of played) {
      const outcomes = await play(policy, world, first, episodes, signal);
      onPlayed?.(policy, describeWorld(world), outcomes.filter(Boolean).length, episodes);
      after.push(...outcomes);
    }
    gains.push({ factor, gain: pairedDifference(before, after) });
  }
  return gains.sort((a, b) => Number(b.factor === 'all') - Number(a.factor === 'all') || b.gain.value - a.gain.value);
}
