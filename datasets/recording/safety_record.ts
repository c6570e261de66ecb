import { type AuditCheckpoint, type GateJournal, type SafetyState, TOPICS } from '../../contracts/index.ts';
import { auditCheckpointFromRos, gateJournalFromRos, safetyStateFromRos } from '../../ros/index.ts';
import { readRecording } from './read_recording.ts';

/** What a recording holds of the safety envelope: checkpoints of audit logs, blocks of the gate's journal, its states. */
export interface SafetyRecord {
  readonly checkpoints: readonly AuditCheckpoint[];
  readonly journal: readonly GateJournal[];
  readonly states: readonly SafetyState[];
}

/** Reads them in file order, of a whole recording or of what is left of one. Throws InputError as `readRecording` does. */
export async function readSafetyRecord(file: string): Promise<SafetyRecord> {
  const record = {
    checkpoints: [] as AuditCheckpoint[],
    journal: [] as GateJournal[],
    states: [] as SafetyState[],
  };
  const take: Readonly<Record<string, (fields: Readonly<Record<string, unknown>>) => void>> = {
    [TOPICS.audit_checkpoint.name]: (fields) => record.checkpoints.push(auditCheckpointFromRos(fields)),
    [TOPICS.gate_journal.name]: (fields) => record.journal.push(gateJournalFromRos(fields)),
    [TOPICS.safety_state.name]: (fields) => record.states.push(safetyStateFromRos(fields)),
  };
  for await (const { topic, message } of readRecording(file, Object.keys(take))) take[topic](message);
  return record;
}
