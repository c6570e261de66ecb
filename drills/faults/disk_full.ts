import { appendFileSync, mkdtempSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOPICS } from '../../contracts/index.ts';
import { WRITE_FAILURE } from '../../safety/index.ts';
import type { Drill } from '../drill.ts';
import { Periodic } from '../periodic.ts';

const PERIOD_S = 0.1;
/** Every write to it fails with ENOSPC, as on a full disk. */
const FULL = '/dev/full';

/** A log on a disk that becomes full: its writer meets the system's own error, and says so in its diagnostics. */
export const disk_full: Drill = {
  name: 'disk_full',
  title: 'a log cannot be written: no space is left on its disk',
  declared: 'disk_full',
  moment: 'moving',
  says: /ENOSPC/,
  lasting: true,
  embedded: ({ bus, clock }) => {
    const folder = mkdtempSync(join(tmpdir(), 'surepick-drill-'));
    const disk = join(folder, 'log');
    const move = (to: string) => {
      unlinkSync(disk);
      symlinkSync(to, disk);
    };
    symlinkSync(join(folder, 'kept'), disk);
    new Periodic(clock, PERIOD_S, (stamp_ns) => {
      const value = writeFailure(disk, `${stamp_ns}\n`);
      bus.publish(TOPICS.diagnostics, {
        stamp_ns,
        status: [
          {
            ...{ level: value === '' ? 'ok' : 'error', name: 'drilled_log', message: value, hardware_id: '' },
            values: [{ key: WRITE_FAILURE, value }],
          },
        ],
      });
    });
    return {
      begin: () => move(FULL),
      end: () => move(join(folder, 'kept')),
      close: () => rmSync(folder, { recursive: true }),
    };
  },
};

/** Why a line could not be written; empty where it was. */
function writeFailure(file: string, line: string): string {
  try {
    appendFileSync(file, line);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
