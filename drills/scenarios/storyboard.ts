import type { ScenarioRun } from './run_scenario.ts';

/** One picture of what happened. */
export interface Scene {
  readonly time_s: number;
  readonly caption: string;
}

/** Pictures nearer to each other than this show the same, s. */
const LEAST_GAP_S = 0.45;
const BEFORE_S = 0.2;
const SOON_S = 0.25;
/** A long disturbance is shown when so much of it is over. */
const SHOWN_SHARE = 0.3;

/** The moments that tell a run's story: before, at and after the disturbance, the reaction, and both ends. In order of time. */
export function storyboard(run: ScenarioRun): readonly Scene[] {
  const { began_s, ended_s, reacted_s, first, second, duration_s, scenario } = run;
  const lasts_s = ended_s - began_s;
  const wanted: readonly (Scene | null)[] = [
    scene(began_s - BEFORE_S, 'before'),
    scene(began_s + Math.max(Math.min(SOON_S, lasts_s / 2), SHOWN_SHARE * lasts_s), scenario.title.toLowerCase()),
    reacted_s === null ? null : scene(reacted_s + 2 * SOON_S, 'the reaction'),
    scene(ended_s, 'it ends'),
    first === null ? null : scene(first.time_s, first.ok ? 'the goal is done' : 'the goal is given up'),
    second === null ? null : scene(second.time_s, second.ok ? 'the goal is done afterwards' : 'given up again'),
    scene(duration_s, 'at the end'),
  ];
  const scenes: Scene[] = [];
  for (const one of wanted.filter((each) => each !== null).sort((a, b) => a.time_s - b.time_s)) {
    const last = scenes.at(-1);
    if (last === undefined || one.time_s - last.time_s >= LEAST_GAP_S) scenes.push(one);
  }
  return scenes;
}

function scene(time_s: number, caption: string): Scene | null {
  return Number.isFinite(time_s) ? { time_s: Math.max(0, time_s), caption } : null;
}
