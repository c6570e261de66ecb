import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../contracts/index.ts';
import { ARM_PHASES } from './arm_protocol.ts';
import { MotionLog, RecordedMotion } from './motion_log.ts';

const scratch = mkdtempSync(join(tmpdir(), 'surepick-motion-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('a motion log', () => {
  const JOINTS = 3;
  const ROWS = 10_000;
  const file = join(scratch, 'motion');
  const at = (row: number, i: number) => Math.sin(row + 10 * i);
  const log = new MotionLog(JOINTS);
  for (let row = 0; row < ROWS; row++) {
    const q = Float64Array.from({ length: JOINTS }, (_, i) => at(row, i));
    log.add(
      5 + 0.002 * row,
      3 * row,
      ARM_PHASES[row % 3],
      q,
      q.map((value) => -value),
    );
  }
  log.write(file);

  it('comes back as it was written, over several blocks', () => {
    const motion = new RecordedMotion(file);
    expect({ joints: motion.joints, rows: motion.rows }).toEqual({ joints: JOINTS, rows: ROWS });
    for (let row = 0; row < ROWS; row += 37) {
      expect(motion.time_s(row)).toBe(5 + 0.002 * row);
      expect(motion.sequence(row)).toBe(3 * row);
      expect(motion.phase(row)).toBe(ARM_PHASES[row % 3]);
      expect(Array.from(motion.q(row))).toEqual([0, 1, 2].map((i) => at(row, i)));
      expect(Array.from(motion.v(row))).toEqual([0, 1, 2].map((i) => -at(row, i)));
    }
  });

  it('finds the first row at or after a time', () => {
    const motion = new RecordedMotion(file);
    expect(motion.rowAt(0)).toBe(0);
    expect(motion.rowAt(5 + 0.002 * 77)).toBe(77);
    expect(motion.rowAt(5 + 0.002 * 77 + 1e-6)).toBe(78);
    expect(motion.rowAt(1e9)).toBe(ROWS);
  });

  it('that was cut is refused', () => {
    appendFileSync(file, new Uint8Array(8));
    expect(() => new RecordedMotion(file)).toThrow(InputError);
  });
});
