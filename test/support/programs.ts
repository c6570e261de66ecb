import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE_ROOT } from '../../contracts/index.ts';

/**
 * Compiles the programs that tests run in threads and processes of their own; returns the path of the one asked for. Test
 * files that run at the same time compile into folders of their own, so that none runs what another is writing.
 */
export async function compiledProgram(name: string): Promise<string> {
  const compiler = join(PACKAGE_ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const project = join(PACKAGE_ROOT, 'test', 'support', 'tsconfig.programs.json');
  const folder = join(PACKAGE_ROOT, '.cache', 'programs', process.env.VITEST_POOL_ID ?? '0');
  await promisify(execFile)(process.execPath, [compiler, '-p', project, '--outDir', folder]);
  return join(folder, 'test', 'support', `${name}.js`);
}
