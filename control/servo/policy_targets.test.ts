import { expect, it } from 'vitest';
import type { JointState } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { readTargets, TARGET_EXTRAS } from './policy_targets.ts';

const PANDA = loadRobot('panda', { visualMeshes: false });
const N = PANDA.arm_joints;
const NAMES = PANDA.model.joint_names;

function read(names: readonly string[], position: readonly number[], effort: readonly number[] = []): Float64Array {
  const out = new Float64Array(N + TARGET_EXTRAS);
  const whole = Float64Array.from(names, (_, k) => effort[k] ?? Number.NaN);
  const message: JointState = {
    ...{ stamp_ns: 1n, names, position: Float64Array.from(position) },
    ...{ velocity: new Float64Array(names.length), effort: whole },
  };
  readTargets(PANDA, message, out);
  return out;
}

it('targets are read by the names of their joints in any order, a finger as half of the width', () => {
  const order = NAMES.map((_, k) => k).reverse();
  const given = order.map((k) => NAMES[k]);
  const position = order.map((k) => (k < N ? k / 10 : 0.02));
  const out = read(
    given,
    position,
    given.map(() => 12),
  );
  expect([...out]).toEqual([...NAMES.slice(0, N).map((_, k) => k / 10), 0.04, 12]);
  const force = PANDA.gripper?.max_force_N;
  expect(read(given, position)[N + 1]).toBe(force);
  expect(read([], []).every(Number.isNaN)).toBe(true);
  expect([...read(NAMES.slice(0, N), new Array(N).fill(0)).subarray(N)]).toEqual([Number.NaN, Number.NaN]);
});

it('a joint that is missing, unknown or not finite is named', () => {
  const zeros = new Array(N).fill(0);
  expect(() => read(NAMES.slice(1, N), zeros)).toThrow(`a policy's targets without ${NAMES[0]}: every joint`);
  expect(() => read([...NAMES.slice(0, N), 'elbow'], [...zeros, 0])).toThrow("joint elbow of a policy's targets: ");
  expect(() => read(NAMES.slice(0, N), zeros.with(2, Number.NaN))).toThrow(`${NAMES[2]} = NaN of a policy's targets`);
});
