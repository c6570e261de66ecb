import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { Ended } from './cli.ts';

/**
 * Runs the built command line again and again in one process, which loads the stack once: IPC messages bring arguments,
 * folder and variables, replies what was written and the exit code. The entry is evaluated anew each time; what it imports
 * is not.
 */
const asked = z.object({ args: z.array(z.string()), cwd: z.string(), env: z.record(z.string(), z.string()) });
const [, , entry] = process.argv;
const own = { ...process.env };
const home = process.cwd();
let runs = 0;

async function run({ args, cwd, env }: z.infer<typeof asked>): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = (chunk: string | Uint8Array, ...rest: readonly unknown[]) => {
      written[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      const done = rest.at(-1);
      if (typeof done === 'function') done();
      return true;
    };
  }
  for (const name of Object.keys(process.env)) if (!(name in own)) delete process.env[name];
  Object.assign(process.env, own, env);
  process.chdir(cwd);
  process.argv = [process.execPath, entry, ...args];
  process.exitCode = undefined;
  await import(`${pathToFileURL(entry).href}?run=${++runs}`);
  // Whoever asked may remove the folder.
  process.chdir(home);
  return { code: Number(process.exitCode ?? 0), ...written };
}

// Every run adds a listener of its own.
process.stdout.setMaxListeners(0);
process.on('disconnect', () => process.exit());
process.on('message', async (message) => {
  const ended = await run(asked.parse(message));
  process.exitCode = undefined;
  process.send?.(ended);
});
