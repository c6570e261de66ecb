import { ALARM_PRIORITIES, type Alarm, type AlarmsMessage } from '../protocol/index.ts';
import type { Condition } from './condition.ts';

/** A condition that comes back within this was never away, ms. */
const OFF_DELAY_MS = 2000;
/** An alarm that went is the same one for so long: it is counted on, ms. */
const REMEMBERED_MS = 600_000;
/** Alarms kept at most: what nobody can read helps nobody. */
const MOST = 100;

interface Entry {
  source: string;
  condition: Condition;
  /** When it came; null while it has to last before it is an alarm. */
  raised_ms: number | null;
  readonly seen_ms: number;
  /** Since when it is not there; null while it is. */
  gone_ms: number | null;
  is_cleared: boolean;
  acknowledged_by: string | null;
  count: number;
}

/**
 * Alarms after ISA-18.2: each condition is one alarm however often it comes, stays until it is over and acknowledged, and a
 * condition that comes and goes is counted. Pure: times are the caller's, ms.
 */
export class AlarmList {
  /** Rises with every change that people see. */
  version = 0;
  private readonly entries = new Map<string, Entry>();
  private readonly past = new Map<string, { readonly count: number; readonly until_ms: number }>();

  /** All that one source finds now; what it found before and does not name any more is over. */
  report(source: string, conditions: readonly Condition[], now_ms: number): void {
    const keys = new Set(conditions.map(({ key }) => key));
    for (const [key, entry] of this.entries) {
      if (entry.source === source && !keys.has(key)) entry.gone_ms ??= now_ms;
    }
    for (const condition of conditions) this.find(source, condition, now_ms);
    this.step(now_ms);
  }

  /** To be called about once a second: conditions last long enough to be alarms, or stay away long enough to be over. */
  step(now_ms: number): void {
    for (const [key, entry] of this.entries) {
      const { after_ms = 0 } = entry.condition;
      if (entry.raised_ms === null && entry.gone_ms !== null) this.entries.delete(key);
      else if (entry.raised_ms === null && now_ms - entry.seen_ms >= after_ms) this.raise(key, entry, now_ms);
      else if (!entry.is_cleared && entry.gone_ms !== null && now_ms - entry.gone_ms >= OFF_DELAY_MS) {
        entry.is_cleared = true;
        this.settle(key, entry, now_ms);
      }
    }
    for (const [key, { until_ms }] of this.past) if (now_ms >= until_ms) this.past.delete(key);
  }

  /** The empty string, or why it cannot be acknowledged. */
  acknowledge(id: string, by: string, now_ms: number): string {
    const entry = this.entries.get(id);
    if (entry === undefined || entry.raised_ms === null) return `alarm ${id} is not there any more`;
    if (entry.acknowledged_by !== null) return `alarm ${id} was acknowledged by ${entry.acknowledged_by}`;
    entry.acknowledged_by = by;
    this.settle(id, entry, now_ms);
    return '';
  }

  /** Those there first, then the gravest, then the newest. */
  snapshot(): AlarmsMessage {
    const alarms = [...this.entries].flatMap(([id, entry]) => alarmOf(id, entry));
    return { type: 'alarms', alarms: alarms.sort(inOrder) };
  }

  /** Texts of those that are there. */
  get standing(): readonly string[] {
    return this.snapshot().alarms.flatMap(({ cleared_ms, text }) => (cleared_ms === null ? text : []));
  }

  private find(source: string, condition: Condition, now_ms: number): void {
    const entry = this.entries.get(condition.key);
    if (entry === undefined) {
      const fresh = { raised_ms: null, seen_ms: now_ms, gone_ms: null, is_cleared: false };
      const count = this.past.get(condition.key)?.count ?? 0;
      this.entries.set(condition.key, { source, condition, ...fresh, acknowledged_by: null, count });
      return;
    }
    if (entry.condition.text !== condition.text || entry.condition.priority !== condition.priority) this.version++;
    entry.source = source;
    entry.condition = condition;
    if (entry.gone_ms === null) return;
    entry.gone_ms = null;
    if (entry.raised_ms === null) return;
    if (entry.is_cleared) {
      entry.is_cleared = false;
      entry.acknowledged_by = null;
      entry.raised_ms = now_ms;
    }
    entry.count++;
    this.version++;
  }

  private raise(key: string, entry: Entry, now_ms: number): void {
    entry.raised_ms = now_ms;
    entry.count++;
    this.past.delete(key);
    this.version++;
    this.makeRoom();
  }

  /** Over and acknowledged: it goes. */
  private settle(key: string, { is_cleared, acknowledged_by, count }: Entry, now_ms: number): void {
    this.version++;
    if (!is_cleared || acknowledged_by === null) return;
    this.entries.delete(key);
    this.past.set(key, { count, until_ms: now_ms + REMEMBERED_MS });
    const [oldest] = this.past.keys();
    if (this.past.size > MOST) this.past.delete(oldest);
  }

  /** The last in order goes: never one that is there before one that is over. */
  private makeRoom(): void {
    const { alarms } = this.snapshot();
    if (alarms.length > MOST) this.entries.delete(alarms[alarms.length - 1].id);
  }
}

function alarmOf(id: string, { condition, raised_ms, gone_ms, is_cleared, acknowledged_by, count }: Entry): Alarm[] {
  if (raised_ms === null) return [];
  const { priority, text, remedy } = condition;
  const cleared_ms = is_cleared ? gone_ms : null;
  return [{ id, priority, text, remedy, raised_ms, cleared_ms, acknowledged_by, count }];
}

function inOrder(a: Alarm, b: Alarm): number {
  const is_there = Number(a.cleared_ms !== null) - Number(b.cleared_ms !== null);
  const gravest = ALARM_PRIORITIES.indexOf(b.priority) - ALARM_PRIORITIES.indexOf(a.priority);
  return is_there || gravest || b.raised_ms - a.raised_ms;
}
