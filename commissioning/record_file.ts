import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { InputError } from '../contracts/index.ts';
import {
  type CommissionedAs,
  type CommissioningRecord,
  type CommissioningStage,
  parseCommissioningRecord,
  type StageRecord,
  stageHash,
} from '../safety/index.ts';
import type { StageOutcome } from './stage.ts';

/** The record in a file; an empty one for this arm where there is none. InputError if it is of another arm or was changed. */
export function readRecord(file: string, as: CommissionedAs): CommissioningRecord {
  if (!existsSync(file)) return { schema: 'surepick.commissioning', version: 1, as, stages: [] };
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new InputError(file, `is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const record = parseCommissioningRecord(json, file);
  for (const [key, value] of Object.entries(as)) {
    const recorded = Object.entries(record.as).find(([name]) => name === key)?.[1];
    if (recorded === value) continue;
    throw new InputError(`${file}: ${key} ${recorded}`, `this arm has ${value}; begin anew with another --out`);
  }
  return record;
}

/** Writes the whole file at once: whoever reads it finds the old record or the new one. */
export function writeRecord(file: string, record: CommissioningRecord): void {
  writeFileSync(`${file}.part`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o644 });
  renameSync(`${file}.part`, file);
}

/** The record with a stage added, in place of the last one if that had failed. */
export function withStage(
  record: CommissioningRecord,
  stage: CommissioningStage,
  outcome: StageOutcome,
  started_at: string,
  finished_at: string,
): CommissioningRecord {
  const kept = standing(record);
  const body = { stage, ...outcome, started_at, finished_at, previous_sha256: kept.at(-1)?.sha256 ?? '' };
  const added: StageRecord = { ...body, sha256: stageHash(body) };
  return { ...record, stages: [...kept, added] };
}

/** Stages that need not be done again. */
export function standing({ stages }: CommissioningRecord): readonly StageRecord[] {
  const failed = stages.findIndex(({ verdict }) => verdict === 'failed');
  return failed < 0 ? stages : stages.slice(0, failed);
}
