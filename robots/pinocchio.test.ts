import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { requirePeer } from '../test/support/peer.ts';
import { pythonEnvironment } from '../test/support/python.ts';
import { type DynamicsResult, dynamicsCases, evaluateDynamics, loadRobot } from './index.ts';

const TOLERANCE = 1e-9;
const GOLDEN = join(PACKAGE_ROOT, 'robots', 'golden');
const LIVE = join(PACKAGE_ROOT, '.cache', `pinocchio-live-${process.pid}`);

const list = z.array(z.number());
const goldenFile = z.object({
  seed: z.number(),
  robots: z.array(
    z.object({
      urdf: z.string(),
      gripper: z.boolean(),
      frame: z.string(),
      joints: z.array(z.string()),
      cases: z.array(
        dynamicsCases.shape.cases.element.extend({
          expected: z.object({
            qdd: list,
            tau: list,
            mass_matrix: z.array(list),
            gravity: list,
            frames: z.record(z.string(), list),
            jacobian: z.array(list),
          }),
        }),
      ),
    }),
  ),
});

type Golden = z.infer<typeof goldenFile>;

function load(file: string): Golden {
  return goldenFile.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** Largest |ours − theirs| of every field, relative to 1 + the largest |theirs| of that field. */
function errors(ours: DynamicsResult, theirs: DynamicsResult): Record<string, number> {
  const compare = (a: readonly number[], b: readonly number[]) => {
    expect(a.length).toBe(b.length);
    return Math.max(0, ...a.map((x, i) => Math.abs(x - b[i]))) / (1 + Math.max(0, ...b.map(Math.abs)));
  };
  const pose = (a: readonly number[], b: readonly number[]) => {
    const same = a[3] * b[3] + a[4] * b[4] + a[5] * b[5] + a[6] * b[6] >= 0 ? 1 : -1;
    return compare(a, [...b.slice(0, 3), ...b.slice(3).map((x) => same * x)]);
  };
  expect(Object.keys(theirs.frames).every((name) => name in ours.frames)).toBe(true);
  return {
    qdd: compare(ours.qdd, theirs.qdd),
    tau: compare(ours.tau, theirs.tau),
    mass_matrix: compare(ours.mass_matrix.flat(), theirs.mass_matrix.flat()),
    gravity: compare(ours.gravity, theirs.gravity),
    jacobian: compare(ours.jacobian.flat(), theirs.jacobian.flat()),
    frames: Math.max(...Object.entries(theirs.frames).map(([name, value]) => pose(ours.frames[name], value))),
  };
}

function check(golden: Golden, folderOf: (urdf: string) => string): void {
  for (const { urdf, gripper, frame, joints, cases } of golden.robots) {
    const file = join(folderOf(urdf), urdf);
    const { model } = loadRobot(file, { gripper });
    expect(model.joint_names).toEqual(joints);
    const ours = evaluateDynamics(model, frame, { cases }, urdf);
    cases.forEach(({ expected }, i) => {
      for (const [field, error] of Object.entries(errors(ours[i], expected))) {
        expect(error, `seed ${golden.seed} ${urdf} gripper ${gripper} case ${i} ${field}`).toBeLessThan(TOLERANCE);
      }
    });
  }
}

describe('dynamics equal to Pinocchio', () => {
  afterAll(() => rmSync(LIVE, { recursive: true, force: true }));

  test('on the committed states of the Panda, an industrial arm and random trees', () => {
    const golden = load(join(GOLDEN, 'golden.json'));
    expect(golden.robots.length).toBeGreaterThanOrEqual(7);
    check(golden, () => GOLDEN);
  });

  test('on states and trees drawn now', async (ctx) => {
    const environment = await pythonEnvironment('pinocchio', ['pin==4.1.0', 'numpy==2.2.6']);
    const missing = 'missing' in environment ? environment.missing : '';
    requirePeer(ctx, 'pinocchio', missing, missing === '');
    if (!('python' in environment)) return;
    mkdirSync(LIVE, { recursive: true });
    const out = join(LIVE, 'live.json');
    const seed = 1 + Math.floor(Math.random() * 1e9);
    const script = join(GOLDEN, 'make_golden.py');
    const options = ['--seed', String(seed), '--cases', '10', '--trees', LIVE, '--out', out];
    await promisify(execFile)(environment.python, ['-B', script, ...options]);
    check(load(out), (urdf) => (urdf.startsWith('tree_') ? LIVE : dirname(script)));
  }, 300_000);
});
