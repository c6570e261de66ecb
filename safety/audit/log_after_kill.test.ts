import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AuditCheckpoint, auditCheckpoint, createRng } from '../../contracts/index.ts';
import { compiledProgram } from '../../test/support/programs.ts';
import { withFolder } from '../../test/support/recording.ts';
import { sweep } from '../../test/support/sweep.ts';
import { verifyLog } from './verify.ts';

const KILLS = sweep(2, 6);

/** Lets a process write to `file` until `checkpoints` were told and some more; returns those that were told. */
function writeAndKill(
  program: string,
  file: string,
  checkpoints: number,
  after_ms: number,
): Promise<AuditCheckpoint[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, file, 'cell'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    let killing = false;
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString();
      if (killing || said.split('\n').length <= checkpoints) return;
      killing = true;
      setTimeout(() => child.kill('SIGKILL'), after_ms);
    });
    child.on('close', (code, signal) => {
      if (signal !== 'SIGKILL') return reject(new Error(`the writer ended by itself with code ${code}`));
      const lines = said.slice(0, said.lastIndexOf('\n')).split('\n');
      resolve(
        lines.map((line) => {
          const told = JSON.parse(line);
          return auditCheckpoint.parse({ ...told, stamp_ns: BigInt(told.stamp_ns) });
        }),
      );
    });
  });
}

describe('an audit log whose process is killed', () => {
  it('holds everything it vouched for, breaks nowhere, and goes on after it, again and again', async () => {
    const program = await compiledProgram('write_audit_until_killed');
    await withFolder(async (folder) => {
      const file = join(folder, 'audit.jsonl');
      const rng = createRng(11);
      const told: AuditCheckpoint[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        told.push(...(await writeAndKill(program, file, 10 + rng.int(50), rng.int(8))));
        const checkpoints = told.map((checkpoint) => ({ checkpoint, where: 'what was told' }));
        const { ok, findings, entries } = verifyLog(readFileSync(file), { checkpoints });
        expect({ kill, ok, findings }).toEqual({ kill, ok: true, findings: [] });
        expect(entries.filter(({ rule }) => rule === 'audit.continued')).toHaveLength(kill);
      }
      expect(told.length).toBeGreaterThan(10 * KILLS);
    });
  });
});
