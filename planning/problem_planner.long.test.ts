import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { requirePeer } from '../test/support/peer.ts';
import { planningEnvironment, type UpstreamRobot, upstreamRobots } from '../test/support/python.ts';
import { ProblemPlanner } from './problem_planner.ts';
import { problemFile, readProblem } from './problems.ts';

const SEEDS = 2;
const folder = mkdtempSync(join(tmpdir(), 'surepick-paths-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const verdicts = z.array(z.object({ set: z.string(), index: z.number(), valid: z.boolean(), why: z.string() }));

/** Plans a file of problems for several seeds and has every path judged. */
function judge({ urdf, srdf, package_dir }: UpstreamRobot, problems: string, python: string): void {
  const file = problemFile.parse(JSON.parse(readFileSync(problems, 'utf8')));
  const robot = loadRobot(urdf, { srdf, packageDir: package_dir, visualMeshes: false });
  for (let seed = 0; seed < SEEDS; seed++) {
    const joints = file.joints === undefined ? {} : { joints: file.joints };
    const planner = new ProblemPlanner(robot, { seed, rounded: seed % 2 === 1, ...joints });
    const planned = file.problems.map((problem, i) => planner.plan(readProblem(problem, i)));
    const failed = planned.filter((each) => each.path === null);
    expect(failed, `${urdf}, seed ${seed}`).toEqual([]);
    const [paths, out] = ['paths.json', 'out.json'].map((name) => join(folder, name));
    writeFileSync(paths, JSON.stringify(planned));
    const script = join(PACKAGE_ROOT, 'bench', 'planning_check.py');
    const args = [urdf, srdf, package_dir, problems, paths, out, '--resolution', '0.0025'];
    execFileSync(python, ['-B', script, ...args]);
    const judged = verdicts.parse(JSON.parse(readFileSync(out, 'utf8')));
    expect(judged.length).toBe(planned.length);
    const rejected = judged.filter(({ valid }) => !valid);
    expect(rejected, `${urdf}, seed ${seed}`).toEqual([]);
  }
}

describe('paths for published robots, judged by Pinocchio and Coal on their meshes every 0.0025 rad', () => {
  test('every problem is solved for every seed, sharp and rounded', async (ctx) => {
    const environment = await planningEnvironment();
    const missing = 'missing' in environment ? environment.missing : '';
    requirePeer(ctx, 'planning', missing, missing === '');
    if (!('python' in environment)) return;
    const robots = upstreamRobots(environment.python);
    const { SUREPICK_PLANNING_PROBLEMS: more } = process.env;
    const panda = more ?? join(PACKAGE_ROOT, 'planning', 'golden', 'mbm_panda.json');
    judge(robots.panda, panda, environment.python);
    judge(robots.ur5, join(PACKAGE_ROOT, 'planning', 'golden', 'ur5_problems.json'), environment.python);
  }, 900_000);
});
