import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { rotationAngleBetween } from '../../dynamics/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { ARMS, armOf, type ChainJoint } from '../../test/support/urdf_arm.ts';
import { SerialChain } from './chain.ts';
import { ClosedForm } from './closed_form.ts';

const Q = Math.PI / 2;
const ALL = { lower: new Float64Array(7).fill(-Math.PI), upper: new Float64Array(7).fill(Math.PI) };
const apart = (a: number, b: number): number => Math.abs(Math.atan2(Math.sin(a - b), Math.cos(a - b)));

/** Arms without a common name, one for each structure that is known. */
const STRUCTURES: Readonly<Record<string, readonly ChainJoint[]>> = {
  'spherical wrist, of the others the first two meet': chainOf([
    [0, 0, 0.3, 0, 0, 0],
    [0, 0, 0, -Q, 0.2, 0],
    [0.4, 0.1, 0, 0.4, 0.3, 0],
    [0.1, 0, 0.3, Q, 0, 0.1],
    [0, 0, 0, -1.1, 0, 0],
    [0, 0, 0, Q, 0.2, 0],
  ]),
  'spherical wrist, of the others the last two meet': chainOf([
    [0, 0, 0.3, 0, 0, 0],
    [0.15, 0.05, 0, -Q, 0.2, 0],
    [0, 0, 0, 1.2, 0, 0],
    [0.1, 0, 0.4, Q, 0.1, 0.1],
    [0, 0, 0, -1.1, 0, 0],
    [0, 0, 0, Q, 0.2, 0],
  ]),
  'spherical wrist, of the others the last two parallel': chainOf([
    [0, 0, 0.3, 0, 0, 0],
    [0.15, 0.05, 0, -1.3, 0, 0],
    [0.4, 0.02, 0.03, 0, 0, 0.3],
    [0.1, 0.3, 0.1, Q, 0.1, 0.1],
    [0, 0, 0, -1.1, 0, 0],
    [0, 0, 0, Q, 0.2, 0],
  ]),
  'spherical wrist, of the others the first two parallel': chainOf([
    [0, 0, 0.3, 0, 0, 0],
    [0.35, 0.05, 0.1, 0, 0, 0.3],
    [0.3, 0.02, 0.03, -1.3, 0, 0],
    [0.1, 0.3, 0.1, Q, 0.1, 0.1],
    [0, 0, 0, -1.1, 0, 0],
    [0, 0, 0, Q, 0.2, 0],
  ]),
  'spherical shoulder, of the others the first two parallel': chainOf([
    [0, 0, 0.3, 0, 0, 0],
    [0, 0, 0, Q, 0.1, 0],
    [0, 0, 0, -1.2, 0, 0],
    [0.3, 0.1, 0.1, 1.3, 0, 0.3],
    [0.3, 0.02, 0.03, 1.1, 0.2, 0],
    [0.2, 0.1, 0.1, 0, 0, 0.1],
  ]),
  'three parallel axes': chainOf([
    [0, 0, 0.1, 0, 0, 0],
    [0, 0.13, 0, Q, 0.1, 0],
    [0.42, 0, 0.02, 0, 0, 0.2],
    [0.39, 0.01, 0.05, 0, 0, 0.2],
    [0.02, 0.09, 0.01, -1.4, 0, 0],
    [0, 0, 0, 1.3, 0, 0],
  ]),
  'three parallel axes, taken from the end': chainOf([
    [0, 0, 0.1, 0, 0, 0],
    [0, 0, 0, Q, 0.1, 0],
    [0.1, 0.02, 0.1, 1.2, 0, 0.2],
    [0.39, 0.01, 0.05, 0, 0, 0.2],
    [0.32, 0.09, 0.01, Math.PI, 0, 0],
    [0.05, 0.06, 0.07, 1.3, 0, 0],
  ]),
};

function chainOf(rows: readonly (readonly number[])[]): ChainJoint[] {
  return rows.map(([x, y, z, r, p, w]) => ({ xyz: [x, y, z], rpy: [r, p, w] }));
}

/** Draws positions: every row must give the pose, and one of them the position; of an arm not ideal only nearly so. */
function check(robot: Robot, ideal: boolean): { rows: number; closed_form: ClosedForm } {
  const chain = new SerialChain(robot);
  const { count } = chain;
  const closed_form = ClosedForm.of(chain, ALL.lower.subarray(0, count), ALL.upper.subarray(0, count));
  if (closed_form === null) return expect.fail(`${robot.name} has no closed form`);
  const { found, swept } = closed_form;
  const rng = createRng(3, robot.name);
  const q = new Float64Array(count);
  const target = new Float64Array(12);
  let rows = 0;
  for (let trial = 0; trial < 300; trial++) {
    for (let k = 0; k < count; k++) q[k] = rng.range(-Math.PI, Math.PI);
    chain.place(q);
    target.set(chain.tool);
    closed_form.aim(target);
    closed_form.angle[0] = swept < 0 ? 0 : q[swept];
    closed_form.find(q, ideal);
    let nearest = Infinity;
    for (let i = 0; i < found.count; i++) {
      const row = found.q.subarray(i * count, (i + 1) * count);
      chain.place(row);
      const name = `${robot.name} trial ${trial} row ${i}`;
      if (ideal) {
        expect(Math.hypot(...[9, 10, 11].map((k) => chain.tool[k] - target[k])), name).toBeLessThan(1e-6);
        expect(rotationAngleBetween(chain.tool, 0, target, 0), name).toBeLessThan(1e-6);
      }
      nearest = Math.min(nearest, Math.max(...row.map((x, k) => apart(x, q[k]))));
    }
    expect(nearest, `${robot.name} trial ${trial}: ${[...q]}`).toBeLessThan(ideal ? 1e-5 : 1);
    rows += found.count;
  }
  return { rows: rows / 300, closed_form };
}

describe('closed forms', () => {
  test('each known structure is recognised, and its rows are solutions', () => {
    for (const [structure, joints] of Object.entries(STRUCTURES)) {
      const { closed_form, rows } = check(armOf('arm', joints), true);
      expect(closed_form.structure).toBe(structure);
      expect(rows, structure).toBeGreaterThan(2);
      expect(rows, structure).toBeLessThanOrEqual(8);
    }
  });

  test('published arms have the structure that their makers gave them', () => {
    for (const [name, { joints, structure, ideal }] of Object.entries(ARMS)) {
      const { closed_form } = check(armOf(name, joints), ideal);
      expect(closed_form.structure, name).toMatch(structure);
      expect(closed_form.exact, name).toBe(ideal);
    }
    const panda = check(loadRobot('panda'), true).closed_form;
    expect(panda.structure).toBe('joint 7 given: spherical shoulder, of the others the first two meet');
  });

  test('a general arm, a sliding joint and too few joints have none', () => {
    const drawn = createRng(4);
    const general = Array.from({ length: 6 }, (): ChainJoint => {
      const [x, y, z] = [drawn.range(0.1, 0.3), drawn.range(0.1, 0.3), drawn.range(0.1, 0.3)];
      return { xyz: [x, y, z], rpy: [drawn.range(0.5, 1), drawn.range(0.5, 1), drawn.range(0.5, 1)] };
    });
    const known = STRUCTURES['three parallel axes'];
    const sliding = known.map((joint, k): ChainJoint => (k === 0 ? { ...joint, type: 'prismatic' } : joint));
    for (const joints of [general, sliding, known.slice(0, 5)]) {
      expect(ClosedForm.of(new SerialChain(armOf('arm', joints)), ALL.lower, ALL.upper)).toBeNull();
    }
  });

  test('singular wrists take the angle they are given for the joint that is free', () => {
    const chain = new SerialChain(armOf('irb120', ARMS.irb120.joints));
    const closed_form = ClosedForm.of(chain, ALL.lower.subarray(0, 6), ALL.upper.subarray(0, 6));
    if (closed_form === null) return expect.fail('no closed form');
    const q = Float64Array.of(0.3, 0.2, -0.4, 0.7, 0, -0.2);
    chain.place(q);
    closed_form.aim(chain.tool.slice());
    closed_form.find(q, true);
    const { found } = closed_form;
    const rows = Array.from({ length: found.count }, (_, i) => found.q.subarray(6 * i, 6 * i + 6));
    expect(Math.min(...rows.map((row) => Math.max(...row.map((x, k) => apart(x, q[k])))))).toBeLessThan(1e-6);
  });
});
