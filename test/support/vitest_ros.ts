import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { freshDomain, type RosTestbed, startUnderRos } from './ros.ts';

const report = z.object({
  testResults: z.array(
    z.object({
      message: z.string(),
      assertionResults: z.array(
        z.object({ title: z.string(), status: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
});

export interface InnerResult {
  readonly title: string;
  readonly passed: boolean;
  readonly failures: string;
}

/**
 * Runs test files of test/ros in a vitest of its own: a process that uses ROS 2 has to be started with its libraries.
 * Returns what became of each of their tests.
 *
 * @param env  more variables of that process
 */
export async function runTestsUnderRos(
  ros: RosTestbed,
  files: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<readonly InnerResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'surepick-vitest-'));
  const output = join(folder, 'report.json');
  const vitest = join(PACKAGE_ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const options = ['--config', 'test/support/vitest.ros.config.ts', '--reporter=json', `--outputFile=${output}`];
  try {
    const { ended } = startUnderRos(ros, [process.execPath, vitest, 'run', ...files, ...options], {
      domain: freshDomain(),
      cwd: PACKAGE_ROOT,
      env: { SUREPICK_ROS_PYTHON: ros.python, ...env },
    });
    const { code, signal, stdout, stderr } = await ended;
    const text = readText(output);
    if (text === null)
      throw new Error(`vitest of ${files.join(', ')} ended with ${code ?? signal}:\n${stdout}\n${stderr}`);
    const results = report.parse(JSON.parse(text)).testResults;
    const tests = results.flatMap(({ assertionResults }) =>
      assertionResults.map(({ title, status, failureMessages }) => ({
        title,
        passed: status === 'passed',
        failures: failureMessages.join('\n'),
      })),
    );
    if (tests.length === 0 || (code !== 0 && tests.every(({ passed }) => passed)))
      throw new Error(
        `${files.join(', ')} (exit ${code ?? signal}): ${results.map(({ message }) => message).join()}\n${stderr}`,
      );
    return tests;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
