import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import type { InterfacePackage } from './interface_packages.ts';
import { ONLY_C } from './places.ts';
import type { StepReport } from './steps.ts';

/**
 * Configures, builds and installs one interface package as any ament package, without optimisation: its code runs only
 * where rclpy or rclnodejs convert a message.
 *
 * @param onlyC  whether to leave out C++ and what only other middlewares than Fast DDS use
 * @param python  the interpreter to generate for, or null for the one CMake finds
 */
export async function buildPackage(
  { name, source, prefix }: InterfacePackage,
  work: string,
  env: Readonly<Record<string, string | undefined>>,
  { onlyC, python }: { readonly onlyC: boolean; readonly python: string | null },
  log: string,
  { signal, progress }: StepReport,
): Promise<void> {
  const copy = join(work, name, 'source');
  const tree = join(work, name, 'build');
  for (const folder of [join(work, name), prefix]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(tree, { recursive: true });
  cpSync(source, copy, { recursive: true });
  const cmake = (args: string[], onLine?: (line: string) => void) =>
    runCommand({ file: 'cmake', args, env, log, signal, ...(onLine === undefined ? {} : { onLine }) });
  await cmake([
    ...['-S', copy, '-B', tree, `-DCMAKE_INSTALL_PREFIX=${prefix}`, '-DBUILD_TESTING=OFF', '-Wno-dev'],
    ...(python === null ? [] : [`-DPython3_EXECUTABLE=${python}`]),
    ...(onlyC ? [`-DCMAKE_PROJECT_INCLUDE=${ONLY_C}`] : []),
  ]);
  progress(0.3);
  await cmake(['--build', tree, '-j', String(cpus().length)], (line) => {
    const percent = /^\[ *(\d+)%\]/.exec(line)?.[1];
    if (percent !== undefined) progress(0.3 + 0.65 * (Number(percent) / 100));
  });
  await cmake(['--install', tree]);
  rmSync(join(work, name), { recursive: true, force: true });
}
