import { beforeAll, expect, it } from 'vitest';
import { loadRobot } from '../../robots/index.ts';
import { prepareEngine } from '../../sim/index.ts';
import { replayErrors } from './replay_error.ts';
import { playedWorld } from './worlds.ts';

const PANDA = loadRobot('panda');
const SETTING = { task: 'pick-place', objects: 'all', randomize: 'none' } as const;
const [CANNON, PLAIN] = [playedWorld('cannon', null), playedWorld('mujoco', null)];

beforeAll(() => prepareEngine('mujoco'));

it('is nothing in the same world, little in the plain engine, more with effects', () => {
  const [own] = replayErrors(PANDA, SETTING, CANNON, CANNON, 31, 0, 1);
  const [plain] = replayErrors(PANDA, SETTING, CANNON, PLAIN, 31, 0, 1);
  expect(own.error).toMatchObject({ tool_rms_m: 0, tool_most_m: 0, joint_rms_rad: 0, object_most_m: 0 });
  expect(own.error.tool_by_step_m.length).toBeGreaterThan(20);
  expect(plain.error.tool_rms_m).toBeGreaterThan(0);
  const errors = replayErrors(PANDA, SETTING, CANNON, playedWorld('mujoco', 'sealed'), 31, 0, 1, ['latency']);
  const rms = (factor: string) => errors.find((replay) => replay.factor === factor)?.error.tool_rms_m ?? Number.NaN;
  expect(rms('all')).toBeCloseTo(plain.error.tool_rms_m, 12);
  expect(rms('none')).toBeGreaterThan(2 * rms('all'));
  expect(rms('latency')).toBeLessThan(rms('none'));
  expect(rms('latency')).toBeGreaterThan(rms('all'));
  expect(errors.map(({ factor }) => factor)).toEqual(['none', 'all', 'latency']);
});
