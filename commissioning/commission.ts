import { InputError } from '../contracts/index.ts';
import {
  COMMISSIONING_STAGES,
  type CommissioningRecord,
  type CommissioningStage,
  type StageRecord,
} from '../safety/index.ts';
import { standing, withStage, writeRecord } from './record_file.ts';
import { Interrupted, type Stage, type StageOutcome } from './stage.ts';

export interface CommissionOptions {
  readonly record: CommissioningRecord;
  /** Where the record goes after every stage. */
  readonly file: string;
  readonly stages: readonly Stage[];
  /** Only this stage, for which those before it must be passed; what was passed after it has to be run again. */
  readonly only?: CommissioningStage;
  /** Runs a stage; rejects with Interrupted when the operator ends it. */
  readonly run: (stage: Stage) => Promise<StageOutcome>;
  /** Asked before every stage; false ends it there. */
  readonly confirm: (stage: Stage) => Promise<boolean>;
  /** Called after a stage has been recorded: what the arm may do next follows from the record. */
  readonly onRecorded: (stage: StageRecord, record: CommissioningRecord) => Promise<void>;
  /** The wall clock, ISO 8601. */
  readonly now: () => string;
}

export type CommissionEnd = 'complete' | 'failed' | 'declined' | 'interrupted';

/**
 * Runs the stages that the record still lacks, one after the other, and writes the record after each. A stage that fails
 * ends it and is the first to be run again; one that is interrupted leaves the record as it was.
 */
export async function commission(options: CommissionOptions): Promise<CommissionEnd> {
  const { file, stages, only, run, confirm, onRecorded, now } = options;
  let { record } = options;
  if (only !== undefined) record = before(record, only);
  // Written before anything moves: the arm must not go by what no longer stands.
  writeRecord(file, record);
  for (const name of only === undefined ? COMMISSIONING_STAGES.slice(standing(record).length) : [only]) {
    const stage = stages.find((candidate) => candidate.name === name);
    if (stage === undefined) throw new Error(`no stage ${name}`);
    if (!(await confirm(stage))) return 'declined';
    const started_at = now();
    try {
      record = withStage(record, name, await run(stage), started_at, now());
    } catch (error) {
      if (error instanceof Interrupted) return 'interrupted';
      throw error;
    }
    writeRecord(file, record);
    const recorded = record.stages[record.stages.length - 1];
    await onRecorded(recorded, record);
    if (recorded.verdict === 'failed') return 'failed';
  }
  return 'complete';
}

function before(record: CommissioningRecord, stage: CommissioningStage): CommissioningRecord {
  const passed = standing(record);
  const place = COMMISSIONING_STAGES.indexOf(stage);
  if (place > passed.length) {
    throw new InputError(
      `stage ${stage}`,
      `those before it must be passed; ${COMMISSIONING_STAGES[passed.length]} is next`,
    );
  }
  // A stage that failed last stays until it has been run again.
  return place === passed.length ? record : { ...record, stages: passed.slice(0, place) };
}
