import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import type { MotionLimits } from '../planning/index.ts';
import { type PythonEnvironment, pythonEnvironment } from './python_environment.ts';

const run = promisify(execFile);
const timed = z.array(z.object({ duration_s: z.number().nullable(), ms: z.number() }));

export const TOPPRA = 'TOPP-RA 0.6.10 in Python';

export function timingEnvironment(): Promise<PythonEnvironment> {
  return pythonEnvironment('timing', ['toppra==0.6.10', 'numpy==1.26.4', 'scipy==1.13.1']);
}

/** Durations (s) and times of the calls (ms) of TOPP-RA without jerk limits on the same polylines. */
export async function timeWithToppra(
  python: string,
  limits: MotionLimits,
  paths: readonly (readonly ArrayLike<number>[])[],
): Promise<z.infer<typeof timed>> {
  const folder = mkdtempSync(join(tmpdir(), 'surepick-timing-'));
  try {
    const [given, out] = [join(folder, 'in.json'), join(folder, 'out.json')];
    const { velocity, acceleration } = limits;
    const text = {
      velocity: [...velocity],
      acceleration: [...acceleration],
      paths: paths.map((path) => path.map((q) => Array.from(q))),
    };
    writeFileSync(given, JSON.stringify(text));
    await run(python, ['-B', join(PACKAGE_ROOT, 'bench', 'timing_peer.py'), given, out]);
    return timed.parse(JSON.parse(readFileSync(out, 'utf8')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
