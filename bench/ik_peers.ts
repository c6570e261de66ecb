import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { PANDA_URDF } from '../robots/index.ts';
import { type PythonEnvironment, pythonEnvironment } from './python_environment.ts';

const run = promisify(execFile);
const numbers = z.array(z.number());

const drawnRobots = z.array(
  z.object({
    name: z.string(),
    urdf: z.string(),
    package: z.string(),
    frame: z.string(),
    targets: z.array(numbers.length(7)),
  }),
);
/** Poses of a frame (position m and quaternion x y z w, root frame) at joints drawn within the limits. */
export type DrawnRobot = z.infer<typeof drawnRobots>[number];

const judgements = z.array(
  z.object({
    position_m: z.array(z.number().nullable()),
    rotation_rad: z.array(z.number().nullable()),
    beyond_rad: z.array(z.number().nullable()),
  }),
);
/** Errors of solutions and how far they are beyond the limits, by Pinocchio; null where there is none. */
export type Judgement = z.infer<typeof judgements>[number];

const peerResults = z.array(z.object({ solutions: z.array(numbers.nullable()), us: numbers }));

export const TRAC_IK = 'TRAC-IK 0.0.3';

/** TRAC-IK without ROS. */
export function tracIkEnvironment(): Promise<PythonEnvironment> {
  return pythonEnvironment('trac-ik', ['pytracik==0.0.3', 'numpy==2.2.6']);
}

/** Draws poses on the upstream Panda and UR5 and on this package's Panda; needs the planning environment. */
export async function drawPoses(python: string, cases: number, seed: number): Promise<DrawnRobot[]> {
  return drawnRobots.parse(await script(python, 'ik_pinocchio.py', ['draw', String(cases), String(seed), PANDA_URDF]));
}

export async function judge(
  python: string,
  robots: readonly (DrawnRobot & {
    readonly joints: readonly string[];
    readonly solutions: readonly (number[] | null)[];
  })[],
): Promise<Judgement[]> {
  return judgements.parse(await script(python, 'ik_pinocchio.py', ['judge'], robots));
}

export async function solveWithTracIk(
  python: string,
  robots: readonly {
    readonly urdf: string;
    readonly root: string;
    readonly frame: string;
    readonly lower: readonly number[];
    readonly upper: readonly number[];
    readonly seed: readonly number[];
    readonly targets: readonly number[][];
  }[],
): Promise<z.infer<typeof peerResults>> {
  return peerResults.parse(await script(python, 'ik_trac.py', [], robots));
}

/** Runs a script of this folder: options, then a file of its input where there is one, then a file for its output. */
async function script(
  python: string,
  name: string,
  options: readonly string[],
  input: unknown = undefined,
): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'surepick-ik-'));
  try {
    const [given, out] = [join(folder, 'in.json'), join(folder, 'out.json')];
    if (input !== undefined) writeFileSync(given, JSON.stringify(input));
    const files = input === undefined ? [out] : [given, out];
    await run(python, ['-B', join(PACKAGE_ROOT, 'bench', name), ...options, ...files], { maxBuffer: 1 << 24 });
    return JSON.parse(readFileSync(out, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
