import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import type { Ended } from './cli.ts';
import { compiledProgram } from './programs.ts';

const ENTRY = join(PACKAGE_ROOT, 'dist', 'cli', 'main.js');
const endedSchema = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() });

/** One process that runs the built command line many times, one after another, at a tenth of a start's cost. */
export interface CliHost {
  /** @param env  variables for this run alone, beside those of the host */
  run(args: readonly string[], cwd: string, env?: Readonly<Record<string, string>>): Promise<Ended>;
  close(): void;
}

/** Fails what is asked of it when the process ends, or does not answer. It ends with the process that started it. */
export async function startCliHost(variables: Readonly<Record<string, string>> = {}): Promise<CliHost> {
  const { FORCE_COLOR: _colour, NODE_OPTIONS: _options, ...inherited } = process.env;
  const child = fork(await compiledProgram('cli_host_program'), [ENTRY], {
    env: { ...inherited, NO_COLOR: '1', ...variables },
    // As in vitest.config.ts: it runs beside two busy cores.
    execArgv: ['--single-threaded-gc'],
    // What a run writes comes with its answer; pipes would keep the process here from ending.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.unref();
  child.channel?.unref();
  let before: Promise<unknown> = Promise.resolve();
  return {
    run(args, cwd, env = {}) {
      const turn = before.then(() => answer(child, { args, cwd, env }));
      before = turn.catch(() => {});
      return turn;
    },
    close: () => void child.kill(),
  };
}

interface Asked {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

function answer(child: ChildProcess, asked: Asked): Promise<Ended> {
  child.channel?.ref();
  return new Promise<Ended>((resolve, reject) => {
    const onExit = () => reject(new Error(`the command line's host ended at ${asked.args.join(' ')}`));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      child.channel?.unref();
      resolve(endedSchema.parse(message));
    });
    child.send(asked, (error) => error && reject(error));
  });
}

let shared: Promise<CliHost> | null = null;

/**
 * As `cli`, in a host that all test files of a worker share. Where a process of its own is what is tried (that it ends by
 * itself, how it takes signals), `cli` gives one.
 */
export async function hostedCli(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  shared ??= startCliHost();
  try {
    return await (await shared).run(args, cwd, env);
  } catch (error) {
    shared = null;
    throw error;
  }
}
