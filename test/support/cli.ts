import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../contracts/index.ts';

const ENTRY = join(PACKAGE_ROOT, 'dist', 'cli', 'main.js');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly ended: Promise<Ended>;
  readonly pid: number;
  /** Resolves when standard error has matched. */
  said(pattern: RegExp): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

/** Starts the built command line as others do; standard output is no terminal. */
export function startCli(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  entry = ENTRY,
): Running {
  if (!existsSync(entry)) throw new Error('dist/ is not built: npm run build, or run the tests by npm test');
  const { FORCE_COLOR: _colour, NODE_OPTIONS: _options, ...inherited } = process.env;
  const child = spawn(process.execPath, [entry, ...args], {
    cwd,
    env: { ...inherited, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const waiting: { pattern: RegExp; resolve: () => void }[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const { pattern, resolve } of waiting) if (pattern.test(stderr)) resolve();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    ended,
    pid: child.pid ?? -1,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        waiting.push({ pattern, resolve });
        if (pattern.test(stderr)) resolve();
        ended.then(() => reject(new Error(`ended without saying ${pattern}:\n${stderr}`)), reject);
      }),
    signal: (name) => child.kill(name),
  };
}

export function cli(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  entry = ENTRY,
): Promise<Ended> {
  return startCli(args, cwd, env, entry).ended;
}

/** The JSON object on the last line of standard output, parsed by `schema`. */
export function lastJson<T>({ stdout, stderr }: Ended, schema: z.ZodType<T>): T {
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) throw new Error(`no JSON on the last line of stdout: ${last}\n${stderr}`);
  return schema.parse(JSON.parse(last));
}

/** Fields of `run` and `sim` that the tests read. */
export const batchJson = z.looseObject({
  schema: z.string(),
  version: z.number(),
  episodes: z.number(),
  successes: z.number(),
  success_rate: z.number(),
  wilson95: z.tuple([z.number(), z.number()]),
  failures: z.array(z.object({ episode: z.number(), stage: z.string(), reason: z.string() })),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});

export const runJson = batchJson.extend({ run_id: z.string(), out_dir: z.string() });
