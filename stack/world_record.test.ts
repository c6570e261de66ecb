import { describe, expect, test } from 'vitest';
import { InputError } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { EpisodeRunner, type FinishedEpisode } from './episode.ts';
import { DEFAULT_EPISODE_OPTIONS, type EpisodeOptions, RANDOMIZATIONS, TASKS } from './options.ts';
import { drawWorld, parseWorldRecord, type WorldRecord } from './world_record.ts';

const robot = loadRobot('panda');
/** Motions at random, told the state: no pictures, and the stream of the policy matters. */
const OPTIONS: EpisodeOptions = {
  ...DEFAULT_EPISODE_OPTIONS,
  ...{ policy: 'random', observation: 'state', randomize: 'hard', seed: 11 },
};
const SHORT_S = 1.5;

/** Ends an episode after a time of the world's, not of the wall. */
function hooks() {
  let asked = 0;
  return {
    ...{ pace: Number.POSITIVE_INFINITY, recording: null, trace_file: null, onStage: () => {} },
    stopped: () => asked++ >= SHORT_S * 10,
  };
}

async function withRunner<T>(options: EpisodeOptions, use: (runner: EpisodeRunner) => Promise<T>): Promise<T> {
  const runner = await EpisodeRunner.create(options);
  try {
    return await use(runner);
  } finally {
    await runner.close();
  }
}

const bytes = ({ trace }: FinishedEpisode): Buffer =>
  Buffer.concat([Buffer.from(trace.steps.buffer), Buffer.from(trace.outcome)]);

describe('an episode played again from the record of its world', () => {
  test.each(TASKS)('of %s gives the same bytes, through JSON', (task) => {
    const options = { ...OPTIONS, task };
    return withRunner(options, async (runner) => {
      const original = await runner.run(4, hooks());
      const written = JSON.stringify(drawWorld(options, 4, robot).record);
      const record = parseWorldRecord(JSON.parse(written), 'record');
      const replay = (other: EpisodeRunner) => other.replay(record, hooks());
      // A runner starts with a robot and a policy of its own, which one task shows for all.
      const again = await (task === 'pick-place' ? withRunner(options, replay) : replay(runner));
      expect(original.trace.steps.length).toBeGreaterThan(1000);
      expect(bytes(again).equals(bytes(original))).toBe(true);
    });
  });

  test('follows the record and nothing else: what is changed in it changes the episode', async () => {
    const { record } = drawWorld(OPTIONS, 0, robot);
    const { scene, randomization } = record;
    const [first, ...others] = scene.objects;
    const { start_up, reset } = randomization;
    const [drawn, ...rest] = reset.objects;
    const changes: Record<string, WorldRecord> = {
      place: {
        ...record,
        scene: {
          ...scene,
          objects: [{ ...first, pose: { ...first.pose, position: [0.5, 0, first.pose.position[2]] } }, ...others],
        },
      },
      size: {
        ...record,
        randomization: {
          ...randomization,
          reset: { ...reset, objects: [{ ...drawn, size_scale: [0.9, 0.9, 0.8] }, ...rest] },
        },
      },
      latency: { ...record, randomization: { ...randomization, start_up: { ...start_up, latency_cycles: 9 } } },
      push: {
        ...record,
        randomization: {
          ...randomization,
          pushes: [{ time_s: 0.1, push_duration_s: 0.1, on: 'hand', force_N: [5, 5, 5] }],
        },
      },
      stream: { ...record, index: 1 },
    };
    await withRunner(OPTIONS, async (runner) => {
      const original = await runner.replay(record, hooks());
      expect(bytes(await runner.replay(record, hooks())).equals(bytes(original))).toBe(true);
      for (const [name, changed] of Object.entries(changes)) {
        const other = await runner.replay(changed, hooks());
        expect(bytes(other).equals(bytes(original)), name).toBe(false);
      }
    });
  });

  test('is refused by a runner of other options, with the option named', async () => {
    const { record } = drawWorld(OPTIONS, 0, robot);
    const other = { ...OPTIONS, seed: 12 };
    await expect(withRunner(other, (runner) => runner.replay(record, hooks()))).rejects.toThrow('--seed 11: --seed 12');
  });
});

describe('records', () => {
  test.each(TASKS)('of %s hold the same scene after JSON as before, at every level', (task) => {
    for (const randomize of RANDOMIZATIONS) {
      const { record, instance } = drawWorld({ ...OPTIONS, task, randomize }, 3, robot);
      const parsed = parseWorldRecord(JSON.parse(JSON.stringify(record)), 'record');
      expect(parsed).toEqual(record);
      if (randomize === 'none') expect(instance.scene).toEqual(record.scene);
      else expect(instance.scene).not.toEqual(record.scene);
    }
  });

  test('that are wrong are refused with the field', () => {
    const { record } = drawWorld(OPTIONS, 0, robot);
    const refused = (changed: object) => () => parseWorldRecord({ ...record, ...changed }, 'world.json');
    expect(refused({ version: 2 })).toThrow(InputError);
    expect(refused({ version: 2 })).toThrow('world.json: version');
    expect(refused({ scene: { ...record.scene, finger_friction: 'high' } })).toThrow('scene.finger_friction');
    expect(refused({ scene: { ...record.scene, objects: [] } })).toThrow('as many as the scene has, 0');
    expect(refused({ options: { ...record.options, task: 'sort' } })).toThrow('goal of pick-place');
  });
});
