import { join } from 'node:path';
import { secondsToStamp } from '../contracts/index.ts';
import type { AuditSeal, EpisodeRecord } from '../datasets/index.ts';
import { AuditLog, DirectLogFile } from '../safety/index.ts';
import { sealOf } from './episode_audit.ts';
import type { EpisodeOptions } from './options.ts';

const FILE = 'audit.jsonl';

/**
 * The audit log of a run: an entry for every recorded episode, in order of their index whatever order they end in, with the
 * end of the episode's own log. Times are simulated seconds of all episodes before. The same run gives the same bytes.
 */
export class RunAudit {
  private readonly log: AuditLog;
  private readonly waiting = new Map<number, EpisodeRecord>();
  private next: number;
  private simulated_s = 0;

  /** Replaces the log of `folder`; throws InputError where it cannot be written. */
  constructor(folder: string, episode: EpisodeOptions, first: number, episodes: number) {
    this.next = first;
    this.log = new AuditLog({
      log: 'run',
      file: new DirectLogFile(join(folder, FILE)),
      now_ns: () => secondsToStamp(this.simulated_s),
    });
    this.log.record({ kind: 'start', rule: 'run', inputs: { ...episode, first, episodes }, outcome: 'begun' });
  }

  /** Takes a finished episode. */
  add(episode: EpisodeRecord): void {
    this.waiting.set(episode.index, episode);
    for (let due = this.waiting.get(this.next); due !== undefined; due = this.waiting.get(this.next)) {
      this.waiting.delete(this.next++);
      this.note(due);
    }
  }

  /** Ends the log. Episodes that wait for others, which were never finished, are noted too. */
  async end(digest: string, interrupted: boolean): Promise<AuditSeal> {
    for (const episode of [...this.waiting.values()].sort((a, b) => a.index - b.index)) this.note(episode);
    this.log.record({ kind: 'end', rule: 'run', inputs: { digest }, outcome: interrupted ? 'interrupted' : 'done' });
    await this.log.close();
    return sealOf(this.log, FILE);
  }

  private note({ index, success, stage, reason, sim_seconds, audit }: EpisodeRecord): void {
    this.simulated_s += sim_seconds;
    const log = audit === undefined ? null : { log: audit.log, entries: audit.sequence, hash: audit.hash };
    this.log.record({
      kind: 'end',
      rule: 'episode',
      inputs: { episode: index, stage, reason, sim_seconds, log },
      outcome: success ? 'success' : 'failure',
    });
  }
}
