import type { HistoryStatus } from '../protocol/index.ts';
import type { HistoryRows } from './rows.ts';

/** What a status takes beside its words, bytes. */
const STATUS_BYTES = 300;
const LONGEST_WORDS = 160;
const MOST_REASONS = 6;

/** Words of rows, numbered as they change and forgotten with the last row that has them. */
export class StatusRuns {
  private runs: { readonly status: HistoryStatus; readonly bytes: number }[] = [];
  /** Number of the first of them. */
  private first = 0;
  private newest_key = '';
  private held = 0;

  get bytes(): number {
    return this.held;
  }

  /** The number of a status: that of the newest one if it has the same words. */
  number(given: HistoryStatus): number {
    const status = shortened(given);
    const key = JSON.stringify(status);
    if (key !== this.newest_key || this.runs.length === 0) {
      const bytes = STATUS_BYTES + 2 * key.length;
      this.runs.push({ status, bytes });
      this.held += bytes;
      this.newest_key = key;
    }
    return this.first + this.runs.length - 1;
  }

  /** No row has an older one any more. */
  forgetBefore(number: number): void {
    const count = Math.min(number - this.first, this.runs.length);
    if (count <= 0) return;
    for (const { bytes } of this.runs.splice(0, count)) this.held -= bytes;
    this.first += count;
  }

  /** Rows with the statuses that they have, numbered anew from 0. */
  renumbered(rows: HistoryRows): { readonly rows: HistoryRows; readonly statuses: readonly HistoryStatus[] } {
    const numbers = [...new Set(rows.status)];
    const places = new Map(numbers.map((number, place) => [number, place]));
    const status = rows.status.map((number) => places.get(number) ?? 0);
    return { rows: { ...rows, status }, statuses: numbers.map((number) => this.runs[number - this.first].status) };
  }
}

function shortened(status: HistoryStatus): HistoryStatus {
  const short = (text: string) => text.slice(0, LONGEST_WORDS);
  const { stage, reason, operator, lost, reasons } = status;
  return {
    ...status,
    ...{ stage: short(stage), reason: short(reason), operator: short(operator), lost: short(lost) },
    reasons: reasons.slice(0, MOST_REASONS).map(short),
  };
}
