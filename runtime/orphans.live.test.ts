import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compiledProgram } from '../test/support/programs.ts';
import { RecordedMotion } from './motion_log.ts';

const scratch = mkdtempSync(join(tmpdir(), 'surepick-orphans-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(condition: () => boolean, within_ms: number): Promise<boolean> {
  for (const end = performance.now() + within_ms; performance.now() < end; await sleep(5)) if (condition()) return true;
  return condition();
}

const named = () =>
  ['/dev/shm', tmpdir()].flatMap((folder) => {
    try {
      return readdirSync(folder).filter((name) => /^surepick-\w{6}$/.test(name));
    } catch {
      return [];
    }
  });

describe('supervisor and arm', () => {
  let program = '';
  beforeAll(async () => {
    program = await compiledProgram('cell_program');
  });

  /** Starts the program, lets its arm get under way, sends the signals and returns its log once all have ended. */
  async function end(
    signals: readonly NodeJS.Signals[],
    attempt: number,
  ): Promise<{ motion: RecordedMotion; code: number | null }> {
    const log = join(scratch, `${signals.join('-')}-${attempt}`);
    const child = spawn(process.execPath, [program, log], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    let pids: number[] = [];
    try {
      const said = await new Promise<Buffer>((resolve, reject) => {
        child.stdout.once('data', resolve);
        child.once('exit', (code) => reject(new Error(`ended with code ${code}`)));
      });
      pids = z.tuple([z.number(), z.number(), z.number()]).parse(JSON.parse(said.toString()));
      await sleep(600 * attempt);
      expect(pids.map(runs)).toEqual([true, true, true]);
      // The interrupt key reaches every process of a terminal.
      for (const signal of signals) for (const pid of signal === 'SIGINT' ? pids : [pids[0]]) process.kill(pid, signal);
      expect(await until(() => !pids.some(runs), 5000), `left: ${pids.filter(runs)} of ${pids}`).toBe(true);
      return { motion: new RecordedMotion(log), code: await ended };
    } finally {
      for (const pid of pids.filter(runs)) process.kill(pid, 'SIGKILL');
    }
  }

  it.concurrent.each([
    { signals: ['SIGINT'], code: 130 },
    { signals: ['SIGKILL'], code: null },
    { signals: ['SIGSTOP', 'SIGKILL'], code: null },
  ] as const)('end when the control process gets $signals, the arm at rest and its log written', async (how) => {
    let fastest = 0;
    for (let attempt = 1; fastest <= 0.1 && attempt <= 3; attempt++) {
      if (attempt > 1) process.stdout.write(`the arm had come to ${fastest} rad/s only: tried again, later\n`);
      const { motion, code } = await end(how.signals, attempt);
      expect(code).toBe(how.code);
      const speeds = Array.from({ length: motion.rows }, (_, row) => Math.max(...motion.v(row).map(Math.abs)));
      fastest = Math.max(...speeds);
      expect(speeds.at(-1)).toBe(0);
      expect(motion.phase(motion.rows - 1)).toBe('holding');
    }
    expect(fastest).toBeGreaterThan(0.1);
    expect(named()).toEqual([]);
  });
});
