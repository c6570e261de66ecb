import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadRobot } from '../../robots/index.ts';
import { type LinearPolicy, linearPolicy } from '../../test/support/task_policies.ts';
import { episodeDigest } from '../digest.ts';
import { Environment } from '../env/environment.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS } from '../env/options.ts';
import { EpisodeRunner } from '../episode.ts';
import { PolicyNetwork } from '../learned/policy_network.ts';
import { PolicySeat } from '../learned/policy_seat.ts';
import { NOMINAL_WORLD, runRollouts } from '../learned/rollout.ts';
import { DEFAULT_EPISODE_OPTIONS, type EpisodeOptions } from '../options.ts';
import { readWorldRecords, replayOf } from '../read_worlds.ts';
import { fitTaskPolicy, type TaskPolicyModel } from './task_policy_file.ts';

const PANDA = loadRobot('panda');
/** How often an episode asks whether to go on before it ends: 0.9 s of it. */
const ASKED = 10;
/** Steps of a policy at 25 Hz in that time. */
const STEPS = 22;

const folder = mkdtempSync(join(tmpdir(), 'surepick-task-policy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a policy and gives the options of an episode with it. */
function episodeOf(name: string, { bytes, manifest }: LinearPolicy, sees: 'state' | 'rgbd'): EpisodeOptions {
  const file = join(folder, `${name}.onnx`);
  writeFileSync(file, bytes);
  writeFileSync(join(folder, `${name}.manifest.json`), JSON.stringify(manifest));
  const policy: EpisodeOptions['policy'] = `onnx:${file}`;
  return { ...DEFAULT_EPISODE_OPTIONS, policy, policy_sha256: manifest.sha256, observation: sees, seed: 12 };
}

const unwatched = { pace: Number.POSITIVE_INFINITY, recording: null, trace_file: null, onStage: () => {} };
const shortly = () => {
  let asked = 0;
  return () => ++asked > ASKED;
};

const IMAGES = { name: 'pictures', cameras: ['wrist', 'overview'], width: 24, height: 16, channels: 4 };
const KNOWN = [
  { name: 'tool_position', size: 3, unit: 'm' },
  { name: 'gripper_width', size: 1, unit: 'm' },
];
const seeing = (): LinearPolicy =>
  linearPolicy(0.4, { images: IMAGES, observation: KNOWN }, { pictures: [1, 8, 16, 24] });

describe('an episode of a learned policy', () => {
  it('with cameras goes through the states of an environment with the same noise of its pictures', async () => {
    const policy = seeing();
    const options: EpisodeOptions = { ...episodeOf('seeing', policy, 'rgbd'), randomize: 'hard' };
    const runner = await EpisodeRunner.create(options);
    const { trace } = await runner.run(1, { ...unwatched, stopped: shortly() });
    await runner.close();
    const fitting = fitTaskPolicy({ ...policy, where: 'seeing' }, PANDA);
    const world = { ...NOMINAL_WORLD, randomize: 'hard', expert: false } as const;
    const environment = new Environment({ ...DEFAULT_ENVIRONMENT_OPTIONS, ...fitting.environment, ...world }, PANDA);
    const network = await PolicyNetwork.open(fitting);
    environment.reset(options.seed, 1);
    const seat = new PolicySeat(policy.manifest, environment.features(fitting.features));
    const { engine, output } = environment;
    if (engine === null) throw new Error('no engine');
    const nq = engine.q.length;
    const width = 1 + 2 * nq + 13 * engine.object_count;
    for (let step = 0; step < STEPS; step++) {
      const row = trace.steps.subarray(width * (20 * (step + 1) - 1));
      expect([...row.subarray(1, 1 + nq)], `step ${step}`).toEqual([...engine.q].map((value) => value + 0));
      seat.ask(output.vector, network, 0, output);
      await network.run();
      seat.answer(network, 0);
      environment.step(seat.action);
    }
    environment.close();
    await network.close();
  });

  it('moves otherwise where its pictures are others', async () => {
    const { bytes, manifest } = seeing();
    const model: TaskPolicyModel = { bytes, manifest, where: 'seeing' };
    const network = await PolicyNetwork.open(model);
    const answers: number[] = [];
    for (const light of [0, 0.5]) {
      network.pictures.fill(light);
      network.observations.fill(0);
      await network.run();
      answers.push(network.actions[0]);
    }
    expect(answers).toEqual([0, 0.5]);
    await network.close();
  });

  it('that asks for help ends there, failed at the stage it had come to, in rollouts too', async () => {
    const confidence = { name: 'sure', temperature: 2, ask_below: 0.3 };
    const unsure = linearPolicy(4, { confidence }, { logit: -2 });
    const runner = await EpisodeRunner.create(episodeOf('unsure', unsure, 'state'));
    const { result } = await runner.run(0, { ...unwatched, stopped: () => false });
    await runner.close();
    const reason = 'the policy asks for help: it is sure by 0.27, below 0.3';
    expect(result.outcome).toMatchObject({ success: false, stage: 'approach', reason });
    expect(result.sim_seconds).toBeLessThan(0.1);
    const model: TaskPolicyModel = { ...unsure, where: 'unsure' };
    const [episode] = await runRollouts({ model, orders: [{ seed: 12, episode: 0 }], workers: 0 });
    expect(episode).toMatchObject({ success: false, stage: 'approach', reason, asked: true, steps: 0 });
    expect(episode.confidence?.median).toBeCloseTo(1 / (1 + Math.E), 6);
  });

  it('is played again from its recording to the byte, by the same network only', async () => {
    const options = episodeOf('recorded', linearPolicy(3), 'state');
    const runner = await EpisodeRunner.create(options);
    const recording = { folder, metadata: {} };
    const { trace } = await runner.run(4, { ...unwatched, recording, stopped: shortly() });
    await runner.close();
    const { episode, worlds } = replayOf(await readWorldRecords(join(folder, 'episode-0004.mcap')), 'recording');
    expect(episode).toEqual(options);
    const again = await EpisodeRunner.create(episode);
    const { trace: replayed } = await again.replay(worlds[0], { ...unwatched, stopped: shortly() });
    await again.close();
    expect(episodeDigest(replayed)).toBe(episodeDigest(trace));
    const other = linearPolicy(5);
    episodeOf('recorded', other, 'state');
    await expect(EpisodeRunner.create(episode)).rejects.toThrow(
      `of SHA-256 ${other.manifest.sha256}: the episode is of ${options.policy_sha256}`,
    );
  });
});
