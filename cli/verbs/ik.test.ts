import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { createRng, InputError, PACKAGE_ROOT } from '../../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, matrixToQuaternion, RobotData } from '../../dynamics/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { addIk } from './ik.ts';

const answer = z.strictObject({
  joints: z.array(z.number()).nullable(),
  reason: z.string().optional(),
  position_error_m: z.number().nullable(),
  rotation_error_rad: z.number().nullable(),
});
const outFile = z.strictObject({ joint_names: z.array(z.string()), frame: z.string(), targets: z.array(answer) });

const UR_LIKE = join(PACKAGE_ROOT, 'robots', 'golden', 'ur_like.urdf');
const panda = loadRobot('panda');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ik verb '));
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the verb on a document; returns the last line of stdout. */
async function ik(input: unknown, ...args: string[]): Promise<string> {
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const program = new Command('surepick').exitOverride().configureOutput({ writeErr: () => {} });
  addIk(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
  const file = join(folder, 'in.json');
  writeFileSync(file, typeof input === 'string' ? input : JSON.stringify(input));
  await program.parseAsync(['ik', '--in', file, '--out', join(folder, 'out.json'), ...args], { from: 'user' });
  return lines.at(-1) ?? '';
}

const text = () => readFileSync(join(folder, 'out.json'), 'utf8');
const written = () => outFile.parse(JSON.parse(text()));

function poseOf(robot: Robot, frame: string, q: ArrayLike<number>): Float64Array {
  const data = new RobotData(robot.model);
  const full = robot.home_q.slice();
  full.set(q);
  forwardKinematics(robot.model, data, full);
  const T = new Float64Array(12);
  framePose(robot.model, data, frameIndex(robot.model, frame), T);
  return T;
}

/** Poses of a frame at random joints within the limits. */
function reachable(robot: Robot, frame: string, count: number, seed: number) {
  const rng = createRng(seed);
  const { position_lower, position_upper } = robot.limits;
  return Array.from({ length: count }, () => {
    const q = position_lower.map((low, j) => rng.range(Math.max(low, -6), Math.min(position_upper[j], 6)));
    const T = poseOf(robot, frame, q);
    const orientation = [0, 0, 0, 1];
    matrixToQuaternion(T, 0, orientation);
    return { position: [...T.subarray(9)], orientation, q };
  });
}

describe('surepick ik', () => {
  test('brings the frame of each robot to the poses, within the limits, and says how near', async () => {
    const robots = [
      ['panda', panda, 'panda_hand_tcp'],
      ['panda', panda, 'panda_link8'],
      [UR_LIKE, loadRobot(UR_LIKE), 'tool0'],
    ] as const;
    for (const [name, robot, frame] of robots) {
      const targets = reachable(robot, frame, 300, 11);
      const summary = JSON.parse(await ik({ targets }, '--robot', name, '--frame', frame, '--json', '--require-all'));
      const out = written();
      expect(out).toMatchObject({ frame, joint_names: robot.model.joint_names.slice(0, robot.arm_joints) });
      out.targets.forEach(({ joints, position_error_m }, i) => {
        const q = joints ?? expect.fail(`target ${i} of ${name}`);
        const T = poseOf(robot, frame, q);
        const gap = Math.hypot(...targets[i].position.map((x, k) => x - T[9 + k]));
        expect(gap, `target ${i} of ${name}`).toBeLessThan(1e-5);
        expect(position_error_m).toBeCloseTo(gap, 12);
        q.forEach((x, j) => {
          expect(x).toBeGreaterThanOrEqual(robot.limits.position_lower[j]);
          expect(x).toBeLessThanOrEqual(robot.limits.position_upper[j]);
        });
      });
      expect(summary).toMatchObject({ schema: 'surepick/ik', total: 300, solved: 300, frame });
      expect(summary.max_position_error_m).toBe(Math.max(...out.targets.map((each) => each.position_error_m ?? 1)));
      expect(summary.max_rotation_error_rad).toBeLessThan(1e-4);
      expect(summary.median_us).toBeGreaterThan(0);
      expect(process.exitCode).toBeUndefined();
    }
  });

  test('a seed chooses among the solutions', async () => {
    const targets = reachable(panda, 'panda_hand_tcp', 50, 12).map(({ q, ...pose }) => ({ ...pose, seed: [...q] }));
    await ik({ targets });
    written().targets.forEach(({ joints }, i) => {
      targets[i].seed.forEach((x, j) => {
        expect(joints?.[j]).toBeCloseTo(x, 6);
      });
    });
  });

  test('--nearest stays nearer to a seed that is no solution', async () => {
    const rng = createRng(14);
    const targets = reachable(panda, 'panda_hand_tcp', 60, 14).map(({ q, ...pose }) => ({
      ...pose,
      seed: Array.from(q, (x, j) => {
        const { position_lower, position_upper } = panda.limits;
        return Math.min(position_upper[j], Math.max(position_lower[j], x + rng.range(-0.4, 0.4)));
      }),
    }));
    const distances = async (...args: string[]): Promise<number[]> => {
      await ik({ targets }, ...args);
      return written().targets.map(({ joints }, i) =>
        Math.hypot(...targets[i].seed.map((x, j) => x - (joints?.[j] ?? 9))),
      );
    };
    const first = await distances();
    const nearest = await distances('--nearest');
    nearest.forEach((x, i) => void expect(x, `target ${i}`).toBeLessThan(1.001 * first[i] + 1e-6));
    expect(nearest.filter((x, i) => x < 0.9 * first[i]).length).toBeGreaterThan(5);
  });

  test('what cannot be reached or used has a reason, each for itself', async () => {
    const fine = { position: [0.5, 0, 0.4], orientation: [1, 0, 0, 0] };
    const given = [
      fine,
      { ...fine, position: [2, 0, 0.4] },
      { ...fine, position: [0.5, 0] },
      { ...fine, orientation: [1, 1, 0, 0] },
      { ...fine, orientation: [0, 0, 0, 0] },
      { ...fine, position: ['here', 0, 0] },
      { ...fine, seed: [0, 0] },
      { position: [0.5, 0, 0.4] },
      7,
    ];
    const nan = JSON.stringify({ targets: given }).replace(
      /\]\}$/,
      ',{"position":[NaN,0,0],"orientation":[0,0,0,1]}]}',
    );
    const summary = JSON.parse(await ik(nan, '--json'));
    const out = written().targets;
    expect(out[0].joints).toHaveLength(7);
    expect(out[1].position_error_m).toBeGreaterThan(1);
    const reasons = [
      /nearest is 1\d{3}\.\d mm and .* rad away/,
      /^position must be \[x,y,z\]$/,
      /^orientation must be a unit quaternion/,
      /^orientation must be a unit quaternion/,
      /^position\[0\] must be a finite number$/,
      /^seed has 2 numbers: the arm has 7 joints$/,
      /^orientation must be \[x,y,z,w\]$/,
      /^the target /,
      /^position\[0\] must be a finite number$/,
    ];
    reasons.forEach((reason, i) => {
      expect(out[i + 1].joints).toBeNull();
      expect(out[i + 1].reason).toMatch(reason);
      if (i > 0) expect(out[i + 1].position_error_m).toBeNull();
    });
    expect(summary).toMatchObject({ total: 10, solved: 1 });
    await ik(nan, '--require-all');
    expect(process.exitCode).toBe(1);
  });

  test('the list alone is answered by a list; the same input gives the same bytes', async () => {
    const targets = reachable(panda, 'panda_hand_tcp', 40, 13);
    await ik(targets, '--seed', '3');
    const first = text();
    expect(z.array(answer).parse(JSON.parse(first))).toHaveLength(40);
    await ik(targets, '--seed', '3');
    expect(text()).toBe(first);
  });

  test('a file that is none, a frame the robot has not and one the arm does not move are refused', async () => {
    const targets = [{ position: [0.5, 0, 0.4], orientation: [1, 0, 0, 0] }];
    const bad: [unknown, RegExp, ...string[]][] = [
      ['{', /in\.json.*must be JSON/],
      [{ targets: [] }, /in\.json at targets: must have at least one target/],
      [{ poses: targets }, /in\.json.*must be a list of targets/],
      [{ targets }, /frame nowhere of panda: must be one of panda_link0, .*panda_hand_tcp/, '--frame', 'nowhere'],
      [{ targets }, /frame panda_link0 of panda: must be moved by a joint of the arm/, '--frame', 'panda_link0'],
    ];
    for (const [input, message, ...args] of bad) {
      const attempt = ik(input, ...args);
      await expect(attempt, String(message)).rejects.toThrow(InputError);
      await expect(attempt).rejects.toThrow(message);
      expect(readdirSync(folder)).toEqual(['in.json']);
    }
  });
});
