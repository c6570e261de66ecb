import { COMMISSIONING_STAGES, type CommissioningRecord, type StageRecord } from '../safety/index.ts';
import { standing, withStage, writeRecord } from './record_file.ts';
import { Interrupted, type Stage, type StageRig } from './stage.ts';

export interface CommissionOptions {
  readonly record: CommissioningRecord;
  /** Where the record goes after every stage. */
  readonly file: string;
  /** In the order of COMMISSIONING_STAGES. */
  readonly stages: readonly Stage[];
  readonly rig: StageRig;
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
  const { file, stages, rig, confirm, onRecorded, now } = options;
  let { record } = options;
  for (const name of COMMISSIONING_STAGES.slice(standing(record).length)) {
    const stage = stages.find((candidate) => candidate.name === name);
    if (stage === undefined) throw new Error(`no stage ${name}`);
    if (!(await confirm(stage))) return 'declined';
    const started_at = now();
    try {
      record = withStage(record, name, await stage.run(rig), started_at, now());
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
