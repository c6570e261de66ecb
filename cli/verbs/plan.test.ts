import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { addPlan } from './plan.ts';

const rows = z.array(z.array(z.number()));
const outFile = z.array(
  z.looseObject({
    set: z.string(),
    index: z.number(),
    path: rows.nullable(),
    reason: z.string().nullable(),
    planning_ms: z.number(),
    trajectory: z
      .strictObject({ dt: z.number(), position: rows, velocity: rows, acceleration: rows, jerk: rows })
      .optional(),
  }),
);
const summary = z.looseObject({
  schema: z.literal('surepick/plan'),
  version: z.number(),
  total: z.number(),
  solved: z.number(),
  median_ms: z.number().nullable(),
  p95_ms: z.number().nullable(),
  max_ms: z.number().nullable(),
  path_length_l1_median_rad: z.number().nullable(),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});

const robot = loadRobot('panda', { visualMeshes: false });
const home = [...robot.home_q.slice(0, robot.arm_joints)];
const turned = home.map((q, j) => (j === 0 ? 1.2 : q));
const block = {
  id: 'block',
  type: 'box',
  position: [0.35, 0.25, 0.5],
  orientation: [0, 0, 0, 1],
  size: [0.1, 0.1, 0.5],
};
const problems = [
  { set: 'a', index: 0, start: home, goal: turned, obstacles: [block] },
  { set: 'a', index: 2, start: turned, goal: home, obstacles: [block] },
  { set: 'b', index: 0, start: home, goal: turned.slice(1), obstacles: [] },
];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plan verb '));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = undefined;
});

/** Runs the verb on a file of problems; returns the last line of stdout. */
async function plan(file: unknown, ...args: string[]): Promise<string> {
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const program = new Command('surepick').exitOverride().configureOutput({ writeErr: () => {} });
  addPlan(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
  const path = join(folder, 'problems.json');
  writeFileSync(path, typeof file === 'string' ? file : JSON.stringify(file));
  const out = join(folder, 'paths.json');
  await program.parseAsync(['plan', '--problems', path, '--out', out, '--json', ...args], { from: 'user' });
  return lines.at(-1) ?? '';
}

const written = () => outFile.parse(JSON.parse(readFileSync(join(folder, 'paths.json'), 'utf8')));

describe('surepick plan', () => {
  test('answers every problem in order, with a path or a reason, and counts over what was solved', async () => {
    const json = summary.parse(JSON.parse(await plan({ joints: robot.model.joint_names.slice(0, 7), problems })));
    const results = written();
    expect(results.map(({ set, index }) => [set, index])).toEqual([
      ['a', 0],
      ['a', 2],
      ['b', 0],
    ]);
    expect([results[0].path?.[0], results[0].path?.at(-1), results[0].reason]).toEqual([home, turned, null]);
    expect([results[2].path, results[2].reason]).toEqual([null, 'the goal has 6 joints; the arm has 7']);
    expect([json.total, json.solved]).toEqual([3, 2]);
    expect(results.every(({ trajectory }) => trajectory === undefined)).toBe(true);
    const lengths = results.slice(0, 2).map(({ path }) => {
      const at = path ?? [];
      return at.slice(1).reduce((sum, q, i) => sum + q.reduce((s, x, j) => s + Math.abs(x - at[i][j]), 0), 0);
    });
    expect(json.path_length_l1_median_rad).toBeCloseTo(Math.max(...lengths), 12);
    expect(process.exitCode).toBeUndefined();
    const again = summary.parse(JSON.parse(await plan({ problems })));
    expect(again.digest).toBe(json.digest);
    const other = summary.parse(JSON.parse(await plan({ problems }, '--seed', '1', '--require-all')));
    expect(other.digest).not.toBe(json.digest);
    expect(process.exitCode).toBe(1);
  });

  test('timed paths come with samples at 1 kHz that begin and end at rest, at the ends of the path', async () => {
    const json: unknown = JSON.parse(await plan({ problems: problems.slice(0, 1) }, '--timed'));
    const [{ path, trajectory }] = written();
    if (trajectory === undefined || path === null) throw new Error('no trajectory');
    expect(trajectory.dt).toBe(0.001);
    expect(trajectory.position[0]).toEqual(home);
    expect(trajectory.position.at(-1)).toEqual(turned);
    for (const at of [0, -1]) {
      expect(trajectory.velocity.at(at)).toEqual(new Array(7).fill(0));
    }
    expect(json).toMatchObject({ limits: { source: 'manufacturer' } });
    const { velocity } = robot.limits;
    const fast = trajectory.velocity.filter((row) => row.some((v, j) => Math.abs(v) > velocity[j] * (1 + 1e-6)));
    expect(fast).toEqual([]);
  });

  test('what is wrong with the file as a whole is refused', async () => {
    const bare = JSON.stringify({ problems: problems.slice(0, 1) }).replace('[0,', '[NaN,');
    expect(summary.parse(JSON.parse(await plan(bare))).solved).toBe(0);
    expect(written()[0].reason).toMatch(/^start\[0\]: /);
    await expect(plan('{')).rejects.toThrow(InputError);
    await expect(plan({})).rejects.toThrow(/problems/);
    await expect(plan({ joints: ['a'], problems })).rejects.toThrow(/must be the arm's: panda_joint1/);
    await expect(plan({ problems }, '--robot', 'missing.urdf')).rejects.toThrow(InputError);
    const empty = summary.parse(JSON.parse(await plan({ problems: [] })));
    expect([empty.total, empty.solved, empty.median_ms]).toEqual([0, 0, null]);
    expect(written()).toEqual([]);
  });

  test('what a planning scene holds stands in every problem, with what it attaches and allows', async () => {
    const scene = (allowed: boolean, more = '') => {
      const file = join(folder, 'scene.yaml');
      writeFileSync(
        file,
        `allowed_collision_matrix: {entry_names: [panda_hand, wall], entry_values: [[false, ${allowed}], [${allowed}, false]]}
world: {collision_objects: [{id: wall, primitives: [{type: box, dimensions: [0.02, 0.02, 0.02]}],
  primitive_poses: [{position: [0.307, 0, 0.55], orientation: [0, 0, 0, 1]}]}]}
${more}`,
      );
      return file;
    };
    const free = { set: 'a', index: 0, start: home, goal: turned, obstacles: [] };
    await plan({ problems: [free, problems[0]] }, '--scene', scene(false));
    expect(written().map(({ reason }) => reason)).toEqual(
      new Array(2).fill('the start is in collision: panda_hand and wall'),
    );
    await plan({ problems: [free, problems[0]] }, '--scene', scene(true));
    expect(written().map(({ reason }) => reason)).toEqual([null, null]);
    expect(written()[1].path?.length).toBeGreaterThan(2);
    const also = { ...free, allowed_contacts: [['panda_hand', 'wall']] };
    await plan({ problems: [also] }, '--scene', scene(false));
    expect(written()[0].reason).toBeNull();
    const rod = (radius: number) => `robot_state: {attached_collision_objects: [{link_name: panda_hand, touch_links: [],
  object: {id: rod, header: {frame_id: panda_hand}, primitives: [{type: cylinder, dimensions: [0.3, ${radius}]}],
  primitive_poses: [{position: [0, 0, 0.3], orientation: [0, 0, 0, 1]}]}}]}`;
    const below = { ...block, position: [0.307, 0, 0.2], size: [0.1, 0.1, 0.1] };
    const held = { ...free, obstacles: [below] };
    await plan({ problems: [held] }, '--scene', scene(true));
    expect(written()[0].reason).toBeNull();
    await plan({ problems: [held] }, '--scene', scene(true, rod(0.01)));
    expect(written()[0].reason).toBe('the start is in collision: held object and block');
    await expect(plan({ problems: [] }, '--scene', join(folder, 'none.scene'))).rejects.toThrow(
      /none\.scene cannot be read/,
    );
    await expect(plan({ problems: [] }, '--scene', scene(true, rod(-1)))).rejects.toThrow(InputError);
    await expect(plan({ problems: [] }, '--scene', scene(true, 'link_scale: 1'))).rejects.toThrow(InputError);
  });

  test('meshes beside the file and clouds of points are obstacles, too', async () => {
    writeFileSync(
      join(folder, 'tent.obj'),
      'v -1 -1 0\nv 1 -1 0\nv 0 1 0\nv 0 0 2\nf 1 3 2\nf 1 2 4\nf 2 3 4\nf 3 1 4\n',
    );
    const tent = { id: 'tent', type: 'mesh', file: 'tent.obj', orientation: [0, 0, 0, 1], scale: [0.05, 0.05, 0.2] };
    const cloud = { id: 'cloud', type: 'points', points: [[0.307, 0, 0.62]], radius: 0.01 };
    const at = (obstacle: object) => ({ set: 'a', index: 0, start: home, goal: turned, obstacles: [obstacle] });
    await plan({
      problems: [
        at({ ...tent, position: [0.307, 0, 0.3] }),
        at({ ...tent, position: [0.8, 0, 0] }),
        at(cloud),
        at({ ...cloud, position: [1, 0, 0] }),
        at({ ...tent, file: 'none.obj', position: [0, 0, 0] }),
        at({ ...cloud, points: [] }),
      ],
    });
    const reasons = written().map(({ reason }) => reason);
    expect(reasons[0]).toMatch(/^the start is in collision: panda_\w+ and tent$/);
    expect(reasons[2]).toMatch(/^the start is in collision: panda_\w+ and cloud$/);
    expect([reasons[1], reasons[3]]).toEqual([null, null]);
    expect(reasons[4]).toMatch(/none\.obj/);
    expect(reasons[5]).toMatch(/^obstacles\[0\]\.points: /);
  });
});
