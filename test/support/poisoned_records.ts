import { createRng, type Rng } from '../../contracts/index.ts';
import { type EpisodeRecord, type RecordLayout, recordLayout } from '../../learning/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS, Environment, featureCatalogue } from '../../stack/env/index.ts';

const PANDA = loadRobot('panda');
const WANTED = ['tool_position', 'wanted_to_goal', 'wanted_gap'];
export const SOURCES = ['line 1', 'line 2', 'line 3'] as const;

/** Honest records: of the expert alone, and of three sources where it is disturbed, and fails now and then. */
export interface HonestRecords {
  readonly layout: RecordLayout;
  readonly trusted: readonly EpisodeRecord[];
  readonly honest: readonly EpisodeRecord[];
}

export function playHonest(trusted: number, per_source: number): HonestRecords {
  const environment = new Environment(DEFAULT_ENVIRONMENT_OPTIONS, PANDA);
  const catalogue = featureCatalogue(PANDA, { task: 'pick-place', action: 'ee_delta' });
  const features = WANTED.map((name) => {
    const feature = catalogue.get(name);
    if (feature === undefined) throw new Error(`no feature ${name}`);
    return feature;
  });
  const layout = recordLayout(features, 5, environment.step_limit);
  const play = (source: string, episode: number, letDown: boolean): EpisodeRecord => {
    const rng = createRng(episode, 'disturbance');
    environment.reset(31, episode);
    const observer = environment.features(features);
    const observations: number[] = [];
    const actions: number[] = [];
    const row = new Float32Array(layout.observation);
    let length = 0;
    for (; !environment.status.terminated && !environment.status.truncated; length++) {
      observer.write(environment.output.vector, row, 0);
      observations.push(...row);
      const action = Float64Array.from(environment.output.expert_action);
      if (letDown && length > 60) action.fill(0, 0, 4);
      else if (source !== 'expert' && rng.uniform() < 0.1)
        for (let k = 0; k < 3; k++) action[k] += rng.range(-0.3, 0.3);
      actions.push(...action);
      observer.acted(action);
      environment.step(action);
    }
    return {
      ...{ source, name: `episode ${episode}`, length, success: environment.status.success },
      ...{ observations: Float32Array.from(observations), actions: Float32Array.from(actions) },
      ...{ followed: new Uint8Array(length).fill(1) },
    };
  };
  const known = Array.from({ length: trusted }, (_, k) => play('expert', k, false));
  const honest = SOURCES.flatMap((source, s) =>
    Array.from({ length: per_source }, (_, k) => play(source, 100 * (s + 1) + k, k % 10 === 9)),
  );
  environment.close();
  return { layout, trusted: known, honest };
}

/** A share of so many, drawn without replacement. */
export function some(share: number, count: number, rng: Rng): ReadonlySet<number> {
  const left = Array.from({ length: count }, (_, k) => k);
  return new Set(Array.from({ length: Math.round(share * count) }, () => left.splice(rng.int(left.length), 1)[0]));
}

/** As if whoever placed it had taken a place 60 mm beside the goal for the goal, and called that success. */
export function steeredAside(record: EpisodeRecord, layout: RecordLayout, angle: number): EpisodeRecord {
  const observations = record.observations.slice();
  for (let step = 0; step < record.length; step++) {
    const at = step * layout.observation + layout.offsets.wanted_to_goal;
    observations[at] += 0.06 * Math.cos(angle);
    observations[at + 1] += 0.06 * Math.sin(angle);
  }
  return { ...record, observations, success: true };
}

/** What was done at a step is said to have been done `steps` later. */
export function shiftedInTime(record: EpisodeRecord, { action }: RecordLayout, steps: number): EpisodeRecord {
  const actions = record.actions.slice();
  for (let step = 0; step < record.length; step++) {
    const from = Math.min(record.length - 1, Math.max(0, step - steps));
    actions.set(record.actions.subarray(from * action, (from + 1) * action), step * action);
  }
  return { ...record, actions };
}

export function withOffset(record: EpisodeRecord, { action }: RecordLayout, offset: readonly number[]): EpisodeRecord {
  return { ...record, actions: record.actions.map((value, i) => value + (offset[i % action] ?? 0)) };
}
