import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadRobot, PANDA_URDF } from '../../robots/index.ts';
import {
  commissionedIdentity,
  commissioningPermit,
  envelopeForRobot,
  parseCommissioningRecord,
} from '../../safety/index.ts';
import { writeCommissioned } from '../../test/support/commissioned.ts';
import { envelopeOf, readJsonFile } from './envelope_file.ts';

const folder = mkdtempSync(join(tmpdir(), 'surepick-kinds-'));
afterAll(() => rmSync(folder, { recursive: true }));

const robot = loadRobot('panda', { visualMeshes: false });
const urdf = readFileSync(PANDA_URDF, 'utf8');

describe('what a safety node of a graph permits', () => {
  const file = writeCommissioned(folder, 'ros2_control');
  const record = parseCommissioningRecord(readJsonFile(file, 'record', ''), file);
  const as = (driver: string, envelope = envelopeForRobot(robot)) =>
    commissionedIdentity({ robot: robot.name, driver, serial: '', urdf, envelope });

  it('is the whole envelope for the arm of a whole record, and 50 mm/s for any other', () => {
    expect(commissioningPermit(record, as('ros2_control'), false).tool_speed_m_per_s).toBeNull();
    const envelope = { ...envelopeForRobot(robot), late_s: 0.001 };
    for (const other of [as('forward'), as('ros2_control', envelope)]) {
      expect(commissioningPermit(record, other, false).tool_speed_m_per_s).toBe(0.05);
    }
  });
});

describe('files that parameters name', () => {
  it('are refused with the parameter and the remedy', () => {
    const broken = join(folder, 'broken.json');
    writeFileSync(broken, '{');
    for (const file of [broken, join(folder, 'none.json')]) {
      expect(() => envelopeOf(file, robot)).toThrow(`envelope ${file}: must be a JSON file; surepick safety`);
    }
    expect(envelopeOf('', robot)).toEqual(envelopeForRobot(robot));
  });
});
