import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { batchJson, cli, lastJson } from './support/cli.ts';
import { describeDeterminism } from './support/determinism.ts';

const scratch = mkdtempSync(join(tmpdir(), 'surepick-determinism-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const traceLine = z.looseObject({ episode: z.number() });
const seed = ['--seed', '20'];

async function sim(...args: string[]): Promise<z.infer<typeof batchJson>> {
  const ended = await cli(['sim', ...seed, '--json', ...args], scratch);
  expect(ended).toMatchObject({ code: 0 });
  return lastJson(ended, batchJson);
}

describeDeterminism(4);

describe('same options, same bytes', () => {
  it('in MuJoCo, too: alone, after others, and with any number of workers', async () => {
    const mujoco = ['--engine', 'mujoco', '--policy', 'expert', '--observation', 'state'];
    const trace = (name: string) => ['--trace', join(scratch, `mujoco-${name}.jsonl`)];
    const one = await sim(...mujoco, '--episodes', '2', ...trace('batch'));
    const two = await sim(...mujoco, '--episodes', '2', '--workers', '2');
    await sim(...mujoco, '--first', '1', '--episodes', '1', ...trace('alone'));
    expect(two.digest).toBe(one.digest);
    const lines = (name: string) =>
      readFileSync(join(scratch, `mujoco-${name}.jsonl`), 'utf8')
        .trimEnd()
        .split('\n');
    const second = lines('batch').filter((line) => traceLine.parse(JSON.parse(line)).episode === 1);
    expect(second.length).toBeGreaterThan(100);
    expect(lines('alone').join('\n')).toBe(second.join('\n'));
  });
});
