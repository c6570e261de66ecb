import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { StopSocket } from '../../runtime/index.ts';
import { addSafetyStop } from './safety_stop.ts';

const printed = z.strictObject({
  schema: z.literal('surepick/safety'),
  version: z.literal(1),
  action: z.literal('stop'),
  stopped: z.boolean(),
  asked: z.array(
    z.strictObject({
      by: z.enum(['socket', 'ros']),
      what: z.string(),
      stopped: z.boolean(),
      message: z.string(),
      sent_s: z.number().nullable(),
      answered_s: z.number(),
    }),
  ),
});

let base = '';
let open: StopSocket[] = [];
const told: string[] = [];
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'stop-'));
  vi.stubEnv('XDG_RUNTIME_DIR', base);
});
afterEach(async () => {
  for (const socket of open) await socket.close();
  open = [];
  told.length = 0;
  vi.unstubAllEnvs();
  process.exitCode = undefined;
  rmSync(base, { recursive: true, force: true });
});

/** An arm that can be stopped in the folder of these tests. */
async function arm(namespace: string, failure = ''): Promise<void> {
  const stop = (reason: string) => {
    if (failure !== '') throw new Error(failure);
    told.push(`${namespace}: ${reason}`);
    return 'stopping';
  };
  open.push(await StopSocket.open({ robot: 'panda', namespace, stop }));
}

async function run(...args: string[]) {
  const lines: string[] = [];
  const written = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  const said = vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  const program = new Command().exitOverride();
  addSafetyStop(program);
  try {
    await program.parseAsync(['stop', '--no-ros', '--json', ...args], { from: 'user' });
  } finally {
    written.mockRestore();
    said.mockRestore();
  }
  const result = printed.parse(JSON.parse(lines.at(-1) ?? ''));
  // Other launches of this user may be there beside those of these tests.
  const own = result.asked.filter(({ what }) => what.endsWith(`process ${process.pid}`));
  return { code: process.exitCode ?? 0, text: lines.join(''), own, ...result };
}

describe('surepick safety stop', () => {
  it('stops nothing where nobody answers, says so, and exits with 1', async () => {
    const { code, text, stopped } = await run('--namespace', '/nobody/here');
    expect({ code, stopped }).toEqual({ code: 1, stopped: false });
    expect(text).toContain('nothing was stopped');
  });

  it('stops what was launched here, and says what and in what time', async () => {
    await arm('/cell_1');
    const { code, text, own } = await run('--namespace', '/cell_1');
    expect(code).toBe(0);
    expect(own).toMatchObject([{ by: 'socket', stopped: true, message: 'stopping' }]);
    expect(text).toMatch(/panda in \/cell_1 of process \d+: stopping, answered on this machine in [\d.]+ ms/);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^\/cell_1: surepick safety stop of ./);
  });

  it('leaves arms of other namespaces alone', async () => {
    await arm('/cell_1');
    await arm('/cell_2');
    const { own } = await run('--namespace', 'cell_2');
    expect(own.map(({ what }) => what)).toEqual([`panda in /cell_2 of process ${process.pid}`]);
    expect(told.map((line) => line.split(':')[0])).toEqual(['/cell_2']);
  });

  it('exits with 1 where the only arm says that it did not stop', async () => {
    await arm('/cell_3', 'the safety node is not configured');
    const { code, text } = await run('--namespace', '/cell_3');
    expect(code).toBe(1);
    expect(text).toContain('not stopped on this machine: the safety node is not configured');
  });
});
