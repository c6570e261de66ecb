import type { Detection } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import type { EpisodeHooks, FinishedEpisode } from '../../stack/episode_hooks.ts';
import { EpisodeRunner } from '../../stack/index.ts';
import { DEFAULT_EPISODE_OPTIONS, type EpisodeOptions } from '../../stack/options.ts';
import { drawWorld } from '../../stack/world_record.ts';
import { DoubtingDetector, type Doubts } from './doubting_detector.ts';
import { Person, type Replies } from './person.ts';

export const ASKED_OPTIONS: EpisodeOptions = { ...DEFAULT_EPISODE_OPTIONS, seed: 3 };

export interface AskedEpisode extends FinishedEpisode {
  readonly person: Person;
  /** Stages of the task with the simulated time they began at (s) and their reasons. */
  readonly stages: readonly { readonly stage: string; readonly reason: string }[];
}

/** The world of an asked episode as it is drawn. */
export function drawnWorld(index = 0, options = ASKED_OPTIONS) {
  return drawWorld(options, index, loadRobot('panda')).instance;
}

type Wanted = Pick<Detection, 'class' | 'colour'>;

/** The object of an episode's goal. */
export function wantedIn(index: number, options = ASKED_OPTIONS): Wanted {
  const { goal } = drawnWorld(index, options);
  if (goal.task !== 'pick-place') throw new Error(`no pick-place: ${goal.task}`);
  return goal.object;
}

/** Plays an episode whose detector is in doubt of the wanted object, and in which a person answers. */
export async function playAsked(
  doubts: Omit<Doubts, 'colour'>,
  replies: Replies,
  hooks: Partial<EpisodeHooks> = {},
  index = 0,
): Promise<AskedEpisode> {
  const person = new Person(replies);
  const { colour } = wantedIn(index);
  const runner = await EpisodeRunner.create(ASKED_OPTIONS, 'silent', {
    detector: (inner) => new DoubtingDetector(inner, { ...doubts, colour }),
  });
  const stages: { stage: string; reason: string }[] = [];
  try {
    const finished = await runner.run(index, {
      ...{ pace: Number.POSITIVE_INFINITY, recording: null, trace_file: null, stopped: () => false },
      onStage: (stage, reason) => void stages.push({ stage, reason }),
      ...hooks,
      company: [person, ...(hooks.company ?? [])],
    });
    return { ...finished, person, stages };
  } finally {
    await runner.close();
  }
}
