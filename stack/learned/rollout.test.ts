import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { parseTaskPolicyManifest } from '../../control/index.ts';
import { mlpParameterCount, policyModel } from '../../learning/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { compiledProgram } from '../../test/support/programs.ts';
import { LONG, sweep } from '../../test/support/sweep.ts';
import {
  type LinearPolicy,
  linearPolicy,
  type ManifestChanges,
  taskManifestDocument,
} from '../../test/support/task_policies.ts';
import { Environment } from '../env/environment.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS } from '../env/options.ts';
import { EpisodeRunner } from '../episode.ts';
import { DEFAULT_EPISODE_OPTIONS, type EpisodeOptions } from '../options.ts';
import { fitTaskPolicy, type TaskPolicyModel } from '../policies/task_policy_file.ts';
import { NETWORK_ROWS, PolicyNetwork } from './policy_network.ts';
import { PolicySeat } from './policy_seat.ts';
import { NOMINAL_WORLD, ordersOf, runRollouts } from './rollout.ts';

const PANDA = loadRobot('panda');
const folder = mkdtempSync(join(tmpdir(), 'surepick-policy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const model = ({ bytes, manifest }: LinearPolicy): TaskPolicyModel => ({ bytes, manifest, where: 'p.onnx' });

/** Writes network and manifest; gives the network's path. */
function write(name: string, { bytes, manifest }: LinearPolicy, changes: ManifestChanges = {}): string {
  const file = join(folder, `${name}.onnx`);
  writeFileSync(file, bytes);
  writeFileSync(join(folder, `${name}.manifest.json`), JSON.stringify({ ...manifest, ...changes }));
  return file;
}

/** A network of two layers drawn at random that takes as many worlds as one likes, with a history of two; it goes down. */
function drawnPolicy(seed: number): TaskPolicyModel {
  const shape = { inputs: 8, hidden: [64, 64], chunk: 4, action: 5 };
  const rng = createRng(seed, 'network');
  const theta = Float32Array.from({ length: mlpParameterCount(shape) }, () => 0.2 * rng.normal());
  const bytes = policyModel(shape, theta);
  const manifest = taskManifestDocument({
    ...{
      history: 2,
      chunk: 4,
      action_mean: [0, 0, -1, 0, 0],
      sha256: createHash('sha256').update(bytes).digest('hex'),
    },
    input: { name: 'observation', shape: ['batch', 8] },
    output: { name: 'actions', shape: ['batch', 4, 5] },
  });
  return { bytes, manifest: parseTaskPolicyManifest(manifest, 'drawn'), where: 'drawn.onnx' };
}

describe('rollouts of a policy', () => {
  it('ask the network for a row in bits that depend on nothing but the row itself', async () => {
    const rng = createRng(5, 'rows');
    const network = await PolicyNetwork.open(drawnPolicy(1));
    expect(network.rows).toBe(NETWORK_ROWS);
    const question = Float32Array.from({ length: 8 }, () => rng.normal());
    const answers = new Set<string>();
    for (let round = 0; round < 40; round++) {
      const row = rng.int(NETWORK_ROWS);
      for (let k = 0; k < network.observations.length; k++) network.observations[k] = rng.normal();
      network.observations.set(question, 8 * row);
      await network.run();
      answers.add(Buffer.from(network.actions.slice(20 * row, 20 * (row + 1)).buffer).toString('hex'));
    }
    expect(answers.size).toBe(1);
    await network.close();
  });

  it('are the same for any number of worlds side by side and of threads', { timeout: 120_000 }, async () => {
    const program = await compiledProgram('../../stack/learned/rollout_worker');
    const orders = ordersOf(9, sweep(3, 5));
    const options = { model: drawnPolicy(2), orders, keeping: { trajectories: true, pictures: null } };
    const alone = await runRollouts({ ...options, workers: 0, worlds: 1 });
    expect(alone.map(({ episode }) => episode)).toEqual(orders.map(({ episode }) => episode));
    expect(alone.every(({ steps, trajectory }) => steps > 20 && trajectory?.steps === steps)).toBe(true);
    // What differs is told apart in the long form: by the worlds side by side, or by the threads.
    if (LONG) expect(await runRollouts({ ...options, workers: 0, worlds: 4 })).toEqual(alone);
    expect(await runRollouts({ ...options, workers: 2, worlds: 2, program })).toEqual(alone);
  });

  it.each([
    ['to the end of its time', { action_scale: [1, 1, 1e-9, 1, 1] }, 'timeout'],
    ['until the gate stops what pushes', {}, 'safety'],
  ])(
    'move the world as an episode of sim with the same policy does, %s',
    { timeout: 120_000 },
    async (_, changes, stage) => {
      const policy = linearPolicy(4, changes);
      const file = write('linear', policy);
      const options: EpisodeOptions = {
        ...DEFAULT_EPISODE_OPTIONS,
        ...{ policy: `onnx:${file}`, policy_sha256: policy.manifest.sha256, observation: 'state', seed: 31 },
      };
      const runner = await EpisodeRunner.create(options);
      expect(runner.model_sha256).toBe(policy.manifest.sha256);
      const hooks = { pace: Number.POSITIVE_INFINITY, recording: null, trace_file: null, stopped: () => false };
      const { result, trace } = await runner.run(2, { ...hooks, onStage: () => {} });
      await runner.close();
      const fitting = fitTaskPolicy(model(policy), PANDA);
      const environment = new Environment(
        { ...DEFAULT_ENVIRONMENT_OPTIONS, ...fitting.environment, expert: false },
        PANDA,
      );
      const network = await PolicyNetwork.open(fitting);
      environment.reset(31, 2);
      const seat = new PolicySeat(policy.manifest, environment.features(fitting.features));
      const { engine } = environment;
      if (engine === null) throw new Error('no engine');
      const nq = engine.q.length;
      const width = 1 + 2 * nq + 13 * engine.object_count;
      let steps = 0;
      while (!environment.status.terminated && !environment.status.truncated) {
        const row = trace.steps.subarray(width * (20 * (steps + 1) - 1), width * 20 * (steps + 1));
        expect([...row.subarray(1, 1 + nq)], `step ${steps}`).toEqual([...engine.q].map((value) => value + 0));
        seat.ask(environment.output.vector, network, 0, null);
        await network.run();
        seat.answer(network, 0);
        environment.step(seat.action);
        steps++;
      }
      expect(environment.status.failed_stage).toBe(stage);
      expect(result.outcome.stage).toBe(stage);
      expect(result.sim_seconds).toBeCloseTo(environment.time_s, 9);
      expect(result.outcome.interventions).toBe(environment.interventions);
      environment.close();
      await network.close();
    },
  );

  it('end with an error that names the network where it gives no numbers', async () => {
    const weights = linearPolicy(Number.NaN);
    const played = runRollouts({ model: model(weights), orders: ordersOf(0, 1), workers: 0 });
    await expect(played).rejects.toThrow(InputError);
    await expect(played).rejects.toThrow('p.onnx: the network gave NaN at 0 of 10 of actions');
  });

  it('are refused where the policy does not fit, by name', async () => {
    const refused = async (changes: ManifestChanges, message: string) => {
      const policy = linearPolicy(1, changes);
      const played = runRollouts({ model: model(policy), orders: ordersOf(0, 1), workers: 0, world: NOMINAL_WORLD });
      await expect(played, message).rejects.toThrow(InputError);
      await expect(played).rejects.toThrow(message);
    };
    const observation = (name: string, unit: string) => [
      { name, size: 3, unit },
      { name: 'gripper_width', size: 1, unit: 'm' },
    ];
    await refused({ robot: 'ur5' }, 'p.onnx: robot ur5: is panda');
    await refused({ task: 'juggle' }, 'task juggle');
    await refused({ rate_hz: 30 }, 'rate_hz 30');
    await refused({ envelope_sha256: 'a'.repeat(64) }, 'trained under safety envelope aaaa');
    await refused({ observation: observation('elbow', 'm') }, 'observation[0] elbow: is none of');
    await refused({ observation: observation('wanted_offset', 'mm') }, "in 'mm': is in 'm'");
    await refused(
      { action: { kind: 'ee_delta', names: ['dy', 'dx', 'dz', 'dyaw', 'gripper'] } },
      'action.names dy, dx, dz, dyaw, gripper: must be dx, dy',
    );
    await refused({ input: { name: 'seen', shape: [1, 4] } }, 'must be exactly seen float32 [1, 4]');
  });

  it('of another file than the one that was meant are refused, naming both', async () => {
    const file = write('other', linearPolicy(2));
    const options: EpisodeOptions = {
      ...DEFAULT_EPISODE_OPTIONS,
      ...{ policy: `onnx:${file}`, policy_sha256: 'b'.repeat(64), observation: 'state' },
    };
    await expect(EpisodeRunner.create(options)).rejects.toThrow(
      `policy ${file} of SHA-256 ${linearPolicy(2).manifest.sha256}: the episode is of bbbb`,
    );
    const { policy_sha256: _, ...unpinned } = options;
    await expect(EpisodeRunner.create({ ...unpinned, task: 'sort' })).rejects.toThrow('--task sort');
    write('other', linearPolicy(2), { sha256: 'c'.repeat(64) });
    await expect(EpisodeRunner.create(unpinned)).rejects.toThrow('the manifest is of cccc');
    await expect(EpisodeRunner.create({ ...unpinned, policy: 'onnx:absent.onnx' })).rejects.toThrow(
      'file of the policy absent.manifest.json',
    );
  });
});
