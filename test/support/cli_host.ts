import { fork } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import type { Ended } from './cli.ts';
import { compiledProgram } from './programs.ts';

const ENTRY = join(PACKAGE_ROOT, 'dist', 'cli', 'main.js');
const endedSchema = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() });

/** One process that runs the built command line many times, one after another, at a tenth of a start's cost. */
export interface CliHost {
  run(args: readonly string[], cwd: string): Promise<Ended>;
  close(): void;
}

/** Fails what is asked of it when the process ends, or does not answer. */
export async function startCliHost(variables: Readonly<Record<string, string>> = {}): Promise<CliHost> {
  const { FORCE_COLOR: _colour, NODE_OPTIONS: _options, ...inherited } = process.env;
  const child = fork(await compiledProgram('cli_host_program'), [ENTRY], {
    env: { ...inherited, NO_COLOR: '1', ...variables },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let before: Promise<unknown> = Promise.resolve();
  const answer = (args: readonly string[], cwd: string) =>
    new Promise<Ended>((resolve, reject) => {
      const onExit = () => reject(new Error(`the command line's host ended at ${args.join(' ')}`));
      child.once('exit', onExit);
      child.once('message', (message) => {
        child.off('exit', onExit);
        resolve(endedSchema.parse(message));
      });
      child.send({ args, cwd }, (error) => error && reject(error));
    });
  return {
    run(args, cwd) {
      const turn = before.then(() => answer(args, cwd));
      before = turn.catch(() => {});
      return turn;
    },
    close: () => void child.kill(),
  };
}
