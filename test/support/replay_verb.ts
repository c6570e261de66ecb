import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import { type cli, lastJson } from './cli.ts';

const replayJson = z.looseObject({
  schema: z.literal('surepick/dataset_replay'),
  mode: z.enum(['closed_loop', 'open_loop']),
  asked: z.number(),
  interrupted: z.literal(false),
  replays: z.array(z.looseObject({ result: z.string() })),
});

/** `surepick dataset replay DIR --workers N` finds every episode of a run the same, and its page says so. */
export async function expectReplayed(
  run: typeof cli,
  folder: string,
  dir: string,
  workers: number,
  digests: readonly string[],
): Promise<void> {
  const args = ['dataset', 'replay', dir, '--workers', String(workers), '--out', 'replayed.html', '--json'];
  const ended = await run(args, folder);
  expect(ended.code, ended.stderr).toBe(0);
  const tally = lastJson(ended, replayJson);
  expect(tally).toMatchObject({ mode: 'closed_loop', same: digests.length, asked: digests.length });
  expect(tally.replays.map(({ digest }) => digest)).toEqual(
    digests.map((digest) => ({ recorded: digest, replayed: digest })),
  );
  expect(ended.stderr).toContain('/diagnostics/latency');
  const page = readFileSync(join(folder, 'replayed.html'), 'utf8');
  expect(page).toContain(`${digests.length} of ${digests.length} replayed to the byte`);
}

/** `surepick dataset replay DIR --engine other` plays the commands of the first episode and tells how far it drifts. */
export async function expectDrifts(run: typeof cli, folder: string, dir: string): Promise<void> {
  const args = ['dataset', 'replay', dir, '--episodes', '0', '--engine', 'other', '--out', 'drift.html', '--json'];
  const ended = await run(args, folder);
  expect(ended.code, ended.stderr).toBe(0);
  const [driven] = lastJson(ended, replayJson).replays;
  expect(driven).toMatchObject({ result: 'played', recorded_engine: 'cannon', engine: 'mujoco' });
  const { tool } = z.looseObject({ tool: z.looseObject({ mm: z.looseObject({ p95: z.number() }) }) }).parse(driven);
  expect(tool.mm.p95).toBeGreaterThan(0);
  expect(readFileSync(join(folder, 'drift.html'), 'utf8')).toMatch(/data-chart="[^"]*tool/);
}
