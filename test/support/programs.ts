import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE_ROOT } from '../../contracts/index.ts';

/** Compiles the programs that tests run in processes of their own; returns the path of the one asked for. */
export async function compiledProgram(name: string): Promise<string> {
  const compiler = join(PACKAGE_ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const project = join(PACKAGE_ROOT, 'test', 'support', 'tsconfig.programs.json');
  await promisify(execFile)(process.execPath, [compiler, '-p', project]);
  return join(PACKAGE_ROOT, '.cache', 'programs', 'test', 'support', `${name}.js`);
}
