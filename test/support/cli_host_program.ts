import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { Ended } from './cli.ts';

/**
 * Runs the built command line again and again in one process, which loads the stack once: IPC messages bring arguments and
 * folder, replies what was written and the exit code. The entry is evaluated anew each time; what it imports is not.
 */
const asked = z.object({ args: z.array(z.string()), cwd: z.string() });
const [, , entry] = process.argv;
let runs = 0;

async function run(args: readonly string[], cwd: string): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = (chunk: string | Uint8Array) => {
      written[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      return true;
    };
  }
  process.chdir(cwd);
  process.argv = [process.execPath, entry, ...args];
  process.exitCode = undefined;
  await import(`${pathToFileURL(entry).href}?run=${++runs}`);
  return { code: Number(process.exitCode ?? 0), ...written };
}

// Every run adds a listener of its own.
process.stdout.setMaxListeners(0);
process.on('message', async (message) => {
  const { args, cwd } = asked.parse(message);
  const ended = await run(args, cwd);
  process.exitCode = undefined;
  process.send?.(ended);
});
