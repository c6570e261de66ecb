import { DEGRADATIONS, type Degradation } from '../../contracts/index.ts';
import type { Finding } from './finding.ts';
import { DEFAULT_REACTIONS, type Fault, type Reaction } from './reactions.ts';

/** Share of the usual speed along a path while slower, and while held. */
export const SLOWER_PACE = 0.25;
/** What is degraded becomes normal again when its cause has been gone for so long, s. */
export const RECOVERY_S = 0.5;

/** What a fault has led to, with the words in which it was first found. */
export interface Degraded {
  readonly finding: Finding;
  readonly degradation: Degradation;
  readonly since_s: number;
}

/** What one look has changed. A fault that becomes graver begins once more. */
export interface LadderChange {
  readonly before: Degradation;
  readonly now: Degradation;
  readonly began: readonly Degraded[];
  readonly ended: readonly Degraded[];
}

interface Entry {
  readonly degraded: Degraded;
  present: boolean;
  seen_s: number;
}

/** The graver of two. */
export function graver(a: Degradation, b: Degradation): Degradation {
  return DEGRADATIONS.indexOf(a) >= DEGRADATIONS.indexOf(b) ? a : b;
}

/**
 * Turns what monitors find into one degradation, the gravest of all, as the envelope's reactions say. `slower`, `scripted`
 * and `hold` end by themselves RECOVERY_S after their finding; `stop` is kept until `clear`. Pure: times are the caller's, s.
 */
export class DegradationLadder {
  private readonly reactions: Readonly<Record<Fault, Reaction>>;
  /** By fault and degradation, for one that was grave may be less so now. */
  private readonly entries = new Map<string, Entry>();

  /** @param reactions  of the envelope, where they are not the default ones */
  constructor(reactions: Partial<Readonly<Record<Fault, Reaction>>> | undefined = {}) {
    this.reactions = { ...DEFAULT_REACTIONS, ...reactions };
  }

  get degradation(): Degradation {
    let worst: Degradation = 'none';
    for (const { degraded } of this.entries.values()) worst = graver(worst, degraded.degradation);
    return worst;
  }

  /** Share of the usual speed along a path, 0..1. A stop is not the path's matter. */
  get pace(): number {
    const { degradation } = this;
    if (degradation === 'hold' || degradation === 'stop') return 0;
    for (const { degraded } of this.entries.values()) if (degraded.degradation === 'slower') return SLOWER_PACE;
    return 1;
  }

  /** Whether learned policies may command the arm. */
  get policies(): boolean {
    return DEGRADATIONS.indexOf(this.degradation) < DEGRADATIONS.indexOf('scripted');
  }

  /** All that is in force, in the order in which it began. */
  get inForce(): readonly Degraded[] {
    return [...this.entries.values()].map(({ degraded }) => degraded);
  }

  /** Findings there now that stop the arm: no reset before they are gone. */
  get stopping(): readonly Finding[] {
    const here = [...this.entries.values()].filter(
      ({ present, degraded }) => present && degraded.degradation === 'stop',
    );
    return here.map(({ degraded }) => degraded.finding);
  }

  /** All that is in force, in words, each fault once. */
  get reasons(): readonly string[] {
    const named = new Map(this.inForce.map(({ finding }) => [finding.fault, finding.detail]));
    return [...named].map(([fault, detail]) => `${fault}: ${detail}`);
  }

  /** Why a reset is refused; empty where it is not. */
  get refusal(): string {
    return this.stopping.map(({ fault, detail }) => `${fault}: ${detail}`).join('; ');
  }

  /** Takes what all monitors find at `now_s`. What has changed by that, null for nothing. */
  update(findings: readonly Finding[], now_s: number): LadderChange | null {
    const before = this.degradation;
    for (const entry of this.entries.values()) entry.present = false;
    const began = findings.flatMap((finding) => this.take(finding, now_s) ?? []);
    const ended = this.end((entry) => !entry.present && entry.degraded.degradation !== 'stop', now_s);
    if (began.length === 0 && ended.length === 0) return null;
    return { before, now: this.degradation, began, ended };
  }

  /** After a reset: forgets the stops whose findings are gone. What has changed by that, null for nothing. */
  clear(): LadderChange | null {
    const before = this.degradation;
    const ended = this.end(({ present, degraded }) => !present && degraded.degradation === 'stop', null);
    return ended.length === 0 ? null : { before, now: this.degradation, began: [], ended };
  }

  private take(finding: Finding, now_s: number): Degraded | null {
    const { fault, at_least = 'none' } = finding;
    const degradation = graver(this.reactions[fault].degradation, at_least);
    if (degradation === 'none') return null;
    const key = `${fault} ${degradation}`;
    const known = this.entries.get(key);
    if (known !== undefined) {
      known.present = true;
      known.seen_s = now_s;
      return null;
    }
    const degraded = { finding, degradation, since_s: now_s };
    this.entries.set(key, { degraded, present: true, seen_s: now_s });
    return degraded;
  }

  /** @param now_s  of a look, after which those end that were not seen for long enough; null for at once */
  private end(over: (entry: Entry) => boolean, now_s: number | null): Degraded[] {
    const ended: Degraded[] = [];
    for (const [key, entry] of this.entries) {
      if (!over(entry) || (now_s !== null && now_s - entry.seen_s < RECOVERY_S - 1e-9)) continue;
      this.entries.delete(key);
      ended.push(entry.degraded);
    }
    return ended;
  }
}
