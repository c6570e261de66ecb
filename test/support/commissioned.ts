import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadRobot, PANDA_URDF } from '../../robots/index.ts';
import {
  COMMISSIONING_STAGES,
  type CommissioningStage,
  commissionedIdentity,
  type Envelope,
  envelopeForRobot,
  type StageRecord,
  stageHash,
} from '../../safety/index.ts';

/** Writes a record in which the panda has passed every stage (before `next`) with its own envelope; returns its file. */
export function writeCommissioned(
  folder: string,
  driver: string,
  next: CommissioningStage | null = null,
  file = join(folder, 'commissioning.json'),
  envelope: Envelope | null = null,
): string {
  const robot = loadRobot('panda', { visualMeshes: false });
  const urdf = readFileSync(PANDA_URDF, 'utf8');
  const as = commissionedIdentity({
    robot: robot.name,
    driver,
    serial: '',
    urdf,
    envelope: envelope ?? envelopeForRobot(robot),
  });
  const at = new Date().toISOString();
  const stages: StageRecord[] = [];
  for (const stage of COMMISSIONING_STAGES) {
    if (stage === next) break;
    const rest = {
      ...{ stage, verdict: 'passed' as const, started_at: at, finished_at: at, findings: [], measurements: {} },
      previous_sha256: stages.at(-1)?.sha256 ?? '',
    };
    stages.push({ ...rest, sha256: stageHash(rest) });
  }
  writeFileSync(file, JSON.stringify({ schema: 'surepick.commissioning', version: 1, as, stages }));
  return file;
}
