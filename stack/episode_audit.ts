import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Clock, stampToSeconds } from '../contracts/index.ts';
import type { AuditSeal } from '../datasets/index.ts';
import {
  AuditLog,
  AuditNode,
  canonicalJson,
  DirectLogFile,
  type JournalledGate,
  JournalNode,
  type LogFile,
} from '../safety/index.ts';
import type { EpisodeOutcome } from './outcome.ts';
import type { WorldRecord } from './world_record.ts';

/** The audit log of one recorded episode, beside its recording; on simulated time, so equal episodes give equal bytes. */
export class EpisodeAudit {
  readonly log: AuditLog;
  readonly node: AuditNode;
  readonly journal: JournalNode;
  private readonly file: string;
  private readonly clock: Clock;
  private readonly gate: JournalledGate;

  /**
   * @param name  of recording and log, e.g. `episode-0003`
   * @param gate  before its first cycle
   * @param file  where the log goes, by default into the folder
   */
  constructor(folder: string, name: string, clock: Clock, gate: JournalledGate, file?: LogFile) {
    this.file = `${name}.audit.jsonl`;
    this.clock = clock;
    this.gate = gate;
    this.journal = new JournalNode(gate);
    this.log = new AuditLog({
      log: name,
      file: file ?? new DirectLogFile(join(folder, this.file)),
      now_ns: () => clock.now_ns(),
    });
    this.node = new AuditNode(this.log);
  }

  /** Before the first cycle: what the episode begins with. */
  begin(world: WorldRecord): void {
    const { gate } = this;
    const { index, options } = world;
    this.log.record({
      kind: 'start',
      rule: 'episode',
      inputs: {
        episode: index,
        options: { ...options },
        robot: gate.robot.name,
        world_sha256: sha256(world),
        envelope_sha256: sha256(gate.envelope),
      },
      outcome: 'begun',
    });
  }

  /** After the last cycle: how it went, and where the log ends. */
  async end(outcome: EpisodeOutcome, interrupted: boolean): Promise<AuditSeal> {
    const { success, stage, reason, interventions } = outcome;
    const { passed, limited, stopped, mode } = this.gate;
    this.journal.flush();
    const journal_sha256 = this.journal.sha256;
    const cycles = { passed, limited, stopped };
    const sim_seconds = stampToSeconds(this.clock.now_ns());
    this.log.record({
      kind: 'end',
      rule: 'episode',
      inputs: { success, stage, reason, interventions, cycles, mode, sim_seconds, journal_sha256 },
      outcome: interrupted ? 'interrupted' : success ? 'success' : 'failure',
    });
    await this.log.close();
    return sealOf(this.log, this.file);
  }
}

/** Where a log ends, as a manifest names it. */
export function sealOf(log: AuditLog, file: string): AuditSeal {
  if (log.checkpoint === null) throw new Error(`the audit log ${file} ends without a checkpoint`);
  const { stamp_ns, ...checkpoint } = log.checkpoint;
  return { file, ...checkpoint, stamp_ns: String(stamp_ns) };
}

const sha256 = (value: object): string => createHash('sha256').update(canonicalJson(value)).digest('hex');
