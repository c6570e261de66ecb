import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadRobot } from '../../robots/index.ts';
import { drawnDataset } from '../../test/support/lerobot_dataset.ts';
import { ReplayBench } from '../../test/support/replays.ts';
import { rewriteRecording } from '../../test/support/rewritten_recording.ts';
import { ACTION_SPEEDS } from '../env/actions.ts';
import { checkFeatures, DEFAULT_ENVIRONMENT_OPTIONS, Environment, featureCatalogue } from '../env/index.ts';
import type { RecordedCommands } from '../replay/recorded_commands.ts';
import { readImported } from './imported_demonstrations.ts';
import { DemonstrationPlayer } from './player.ts';
import { recordedActions } from './recorded_actions.ts';
import { recordedOrder } from './recorded_demonstrations.ts';
import { featuresOf } from './told.ts';

const robot = loadRobot('panda');
const WORLDS = { task: 'pick-place', randomize: 'none' } as const;
const FEATURES = featuresOf({ task: 'pick-place', eye: null });
const PERIOD_S = 0.04;
const bench = new ReplayBench();
afterAll(() => bench.close());
let file = '';
let folder = '';
beforeAll(async () => {
  const recorded = await bench.record('driven', { policy: 'expert', observation: 'state', randomize: 'none' }, 60);
  folder = join(bench.folder, 'demos');
  mkdirSync(folder);
  file = join(folder, 'driven.mcap');
  copyFileSync(recorded.file, file);
}, 60_000);

it('what an arm was told in a recording is done again by actions, and succeeds in its world', async () => {
  const { orders } = await readImported(folder, FEATURES, 5, WORLDS);
  expect(orders).toEqual([await recordedOrder(file, WORLDS)]);
  const [order] = orders;
  expect(order).toMatchObject({ driver: 'repeat', seed: 8, episode: 3 });
  if (order.driver !== 'repeat') throw new Error(order.driver);
  const options = { ...DEFAULT_ENVIRONMENT_OPTIONS, observation: 'state', action: 'ee_delta' } as const;
  const features = checkFeatures(FEATURES, featureCatalogue(robot, options), 'test');
  const player = new DemonstrationPlayer(new Environment(options, robot), features);
  expect((await player.repeated(order.seed, order.episode, order.actions)).success).toBe(true);
}, 60_000);

it('a recording of a cell that people drove has its world beside it, or is refused', async () => {
  const other = join(bench.folder, 'teleop');
  mkdirSync(other);
  const jogged = join(other, 'jogged.mcap');
  await rewriteRecording(file, jogged, {
    metadata: (name, entries) => (name === 'surepick' ? { ...entries, world: '' } : entries),
  });
  await expect(recordedOrder(jogged, WORLDS)).rejects.toThrow(/does not say which world.*jogged\.world\.json/);
  const beside = join(other, 'jogged.world.json');
  writeFileSync(beside, '{"seed":8}');
  await expect(recordedOrder(jogged, WORLDS)).rejects.toThrow('jogged.world.json: episode');
  writeFileSync(beside, '{"seed":8,"episode":3}');
  expect(await recordedOrder(jogged, WORLDS)).toEqual(await recordedOrder(file, WORLDS));
  writeFileSync(beside, '{"seed":8,"episode":3,"from_s":100}');
  await expect(recordedOrder(jogged, WORLDS)).rejects.toThrow(/jogged\.mcap: from_s .*before its end/);
});

it('names a recording of other worlds, of another robot, and one that is none', async () => {
  await expect(recordedOrder(file, { ...WORLDS, randomize: 'hard' })).rejects.toThrow(/--randomize none.*hard/);
  await expect(recordedOrder(file, { ...WORLDS, disturb: 'push:1' })).rejects.toThrow(/--disturb nothing.*push:1/);
  const drawn = join(bench.folder, 'drawn');
  await drawnDataset(drawn, [{ seconds: 1, joints: ['a', 'b'], cameras: [] }]);
  writeFileSync(join(drawn, 'audit.jsonl'), 'no actions');
  writeFileSync(join(drawn, 'episodes', 'drawn-0.world.json'), '{"seed":1,"episode":0}');
  await expect(readImported(drawn, FEATURES, 5, WORLDS)).rejects.toThrow(/drawn-0\.mcap: joints a, b/);
  const broken = join(dirname(file), '..', 'broken.mcap');
  writeFileSync(broken, readFileSync(file).subarray(0, 40));
  await expect(recordedOrder(broken, WORLDS)).rejects.toThrow('broken.mcap');
});

/** The arm turned about its base from home, the fingers closed half-way in one step. */
function turned(rows: number, to_rad: number, joint = 0): RecordedCommands {
  const n = robot.arm_joints;
  const position = new Float64Array(rows * n);
  for (let k = 0; k < rows; k++) {
    position.set(robot.home_q.subarray(0, n), k * n);
    position[k * n + joint] += (to_rad * k) / (rows - 1);
  }
  return {
    ...{ time_s: Float64Array.from({ length: rows }, (_, k) => 5 + k / 100), position },
    ...{ velocity: new Float64Array(rows * n), gripper_force_N: 20 },
    gripper_width_m: Float64Array.from({ length: rows }, (_, k) => (k < rows / 2 ? 0.08 : 0)),
  };
}
const setting = { period_s: PERIOD_S, from_s: 0, most_steps: 700, where: 'turned' };

it.each([300, 40])(
  'actions add up to the recorded way, told in %i samples, and the fingers close where they did',
  (rows) => {
    const actions = recordedActions(turned(rows, 1), robot, setting);
    const at = [0, 0, 0, 0];
    let closed_at = Number.NaN;
    for (let k = 0; k < actions.length; k += 5) {
      for (let i = 0; i < 4; i++) {
        expect(Math.abs(actions[k + i])).toBeLessThanOrEqual(0.8 + 1e-6);
        at[i] += actions[k + i] * PERIOD_S * (i < 3 ? ACTION_SPEEDS.tool_m_s : ACTION_SPEEDS.yaw_rad_s);
      }
      if (Number.isNaN(closed_at) && actions[k + 4] < 0) closed_at = at[3];
    }
    expect(at[3]).toBeCloseTo(1, 2);
    expect(at[2]).toBeCloseTo(0, 3);
    expect(at[0] / at[1]).toBeCloseTo(-Math.tan(0.5), 2);
    expect(closed_at).toBeGreaterThan(0.45);
    expect(closed_at).toBeLessThan(0.65);
  },
);

it('names a tilted tool, an episode that is too long, and commands without fingers', () => {
  expect(() => recordedActions(turned(50, 0.5, 5), robot, setting)).toThrow(/turned: tool tilted by .* at 5\./);
  expect(() => recordedActions(turned(300, 1), robot, { ...setting, most_steps: 20 })).toThrow('more than 20 steps');
  const handless = { ...turned(50, 0.1), gripper_width_m: new Float64Array(0) };
  expect(() => recordedActions(handless, robot, setting)).toThrow('no commands of a gripper');
});
