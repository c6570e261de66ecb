import { loadRobot, type Robot } from '../../robots/index.ts';
import { prepareEngine } from '../../sim/index.ts';
import { createPolicyFactory, DEFAULT_EPISODE_OPTIONS, type PolicyFactory } from '../../stack/index.ts';
import { readScenarios, type ScenarioSetup } from '../scenarios/scenario.ts';
import { type GoodEpisode, playGoodEpisode } from './good_episode.ts';

/** One world with nobody in the cell, and with people about it. */
export interface EpisodePair {
  readonly index: number;
  readonly alone: GoodEpisode;
  readonly watched: GoodEpisode;
}

/** What separation costs where nothing is amiss, over the worlds in which a pick alone in the cell is a good one. */
export interface SeparationCost {
  readonly episodes: number;
  /** Those that safety stopped, degraded, or found fault with while people kept at a distance. */
  readonly stopped: number;
  /** Those that were good alone and are not with people about. */
  readonly spoilt: number;
  /** Time of all picks that are good both ways with people, over that without; NaN without one. */
  readonly time_ratio: number;
  /** Greatest ratio of one pick. */
  readonly worst_ratio: number;
  /** Picks in which the gate asked for less than the usual speed at some time. */
  readonly slowed: number;
}

export function separationCost(pairs: readonly EpisodePair[]): SeparationCost {
  const good = pairs.filter(({ alone }) => alone.success && alone.stops.length === 0);
  const both = good.filter(({ watched }) => watched.success);
  const total = (of: (pair: EpisodePair) => number) => both.reduce((sum, pair) => sum + of(pair), 0);
  return {
    episodes: good.length,
    stopped: good.filter(({ watched }) => watched.stops.length > 0).length,
    spoilt: good.length - both.length,
    time_ratio: total(({ watched }) => watched.duration_s) / total(({ alone }) => alone.duration_s),
    worst_ratio: Math.max(...both.map(({ watched, alone }) => watched.duration_s / alone.duration_s)),
    slowed: good.filter(({ watched }) => watched.pace < 1).length,
  };
}

/** Plays pairs of episodes one after the other, each in fresh cells. */
export class GoodEpisodes {
  private readonly robot: Robot;
  private readonly policies: PolicyFactory;
  private readonly setup: ScenarioSetup;

  private constructor(robot: Robot, policies: PolicyFactory, setup: ScenarioSetup) {
    this.robot = robot;
    this.policies = policies;
    this.setup = setup;
  }

  /** With the separation and the tracker of the scenarios that come with the package. */
  static async create(): Promise<GoodEpisodes> {
    const robot = loadRobot('panda');
    await prepareEngine('cannon');
    const policies = await createPolicyFactory(DEFAULT_EPISODE_OPTIONS, robot);
    return new GoodEpisodes(robot, policies, readScenarios().cell);
  }

  async close(): Promise<void> {
    await this.policies.close();
  }

  /** @param setup  separation and tracker, by default those of the scenarios */
  async play(index: number, setup = this.setup): Promise<EpisodePair> {
    const { robot, policies } = this;
    const alone = await playGoodEpisode(index, null, robot, policies);
    return { index, alone, watched: await playGoodEpisode(index, setup, robot, policies) };
  }
}
