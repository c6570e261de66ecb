import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestContext } from 'vitest';
import { gymEnvironment } from '../../bench/gym_environments.ts';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { requirePeer } from './peer.ts';

export { gymEnvironment };

export const GYM_PACKAGE = join(PACKAGE_ROOT, 'sim', 'gym');

/** Runs Python with the package of this checkout; what it printed, or an error with both outputs. */
export async function gymPython(
  ctx: TestContext,
  args: readonly string[],
  cwd = GYM_PACKAGE,
  path = GYM_PACKAGE,
): Promise<string> {
  const environment = await gymEnvironment();
  const missing = 'missing' in environment ? environment.missing : '';
  requirePeer(ctx, 'gymnasium', missing, missing === '');
  if ('missing' in environment) throw new Error(missing);
  const env = { ...process.env, PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: '1' };
  const { stdout, stderr } = await promisify(execFile)(environment.python, [...args], { cwd, env, maxBuffer: 1 << 24 });
  return stdout + stderr;
}
