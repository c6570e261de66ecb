import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { endLeftovers, runCommand } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'surepick-command-'));
const log = join(folder, 'log');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function sh(script: string, more: { signal?: AbortSignal; onLine?(line: string): void } = {}): Promise<void> {
  return runCommand({ file: '/bin/sh', args: ['-c', script], log, ...more });
}

/** A shell that starts another process and writes both process numbers; `pids` waits for them. */
function family(name: string): { readonly script: string; pids(): Promise<number[]> } {
  const path = join(folder, name);
  return {
    script: `sleep 600 & echo $$ $! > ${path}.part; mv ${path}.part ${path}; wait`,
    async pids() {
      while (!existsSync(path)) await sleep(20);
      return readFileSync(path, 'utf8').trim().split(' ').map(Number);
    },
  };
}

async function gone(pid: number): Promise<boolean> {
  for (let k = 0; k < 500 && isRunning(pid); k++) await sleep(20);
  return !isRunning(pid);
}

/** A zombie that nobody waits for is over too. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe.skipIf(process.platform !== 'linux')('a command of the setup', () => {
  it('hands on its lines and keeps all it printed', async () => {
    const lines: string[] = [];
    await sh('echo one; printf tw; sleep 0.05; echo o; echo three >&2', { onLine: (line) => lines.push(line) });
    expect(lines.sort()).toEqual(['one', 'three', 'two']);
    expect(readFileSync(log, 'utf8')).toContain('three');
  });

  it('says in one line which command failed, what it said last of errors, and where the rest is', async () => {
    const failing = sh('echo error: no such thing; echo bye; exit 3');
    await expect(failing).rejects.toThrow(/^sh -c .* ended with 3: error: no such thing \(all of it in .*log\)$/);
    await expect(runCommand({ file: '/no/such/file', args: [], log })).rejects.toThrow('cannot be started');
  });

  it('is ended with everything below it when the setup is interrupted', async () => {
    const controller = new AbortController();
    const { script, pids } = family('interrupted');
    const running = sh(script, { signal: controller.signal });
    running.catch(() => {});
    const started = await pids();
    controller.abort();
    await expect(running).rejects.toThrow('abort');
    expect(await Promise.all(started.map(gone))).toEqual([true, true]);
    expect(readdirSync(join(folder, 'running'))).toEqual([]);
  });

  it('that outlived a killed setup is ended by the next one, and a stranger with a recorded number is not', async () => {
    const left = family('left');
    const child = spawn('/bin/sh', ['-c', left.script], {
      detached: true,
      env: { ...process.env, SUREPICK_ROS_SETUP: folder },
      stdio: 'ignore',
    });
    const stranger = spawn('/bin/sleep', ['600'], { stdio: 'ignore' });
    mkdirSync(join(folder, 'running'), { recursive: true });
    for (const { pid } of [child, stranger]) writeFileSync(join(folder, 'running', String(pid)), '');
    const started = await left.pids();
    endLeftovers(folder);
    expect(await Promise.all(started.map(gone))).toEqual([true, true]);
    expect(stranger.pid !== undefined && isRunning(stranger.pid)).toBe(true);
    expect(readdirSync(join(folder, 'running'))).toEqual([]);
    stranger.kill('SIGKILL');
  });
});
