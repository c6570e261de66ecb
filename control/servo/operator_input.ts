import type { OperatorJog } from '../../contracts/index.ts';
import { DEFAULT_SERVO_OPTIONS } from './servo_options.ts';

/**
 * Why an operator's message is not obeyed. `epoch`: a newer lease has been granted; `sequence`: not after the last one;
 * `ahead`: a stamp of the future; `blind`: sent without seeing what the arm does; `handover`: what was commanded under the
 * lease before had to be halted first; `busy`: a trajectory is followed; `invalid`: it cannot be commanded.
 */
export const OPERATOR_DROPS = ['epoch', 'sequence', 'ahead', 'blind', 'handover', 'busy', 'invalid'] as const;
export type OperatorDrop = (typeof OPERATOR_DROPS)[number];

/**
 * `age_s`: how old the command counts as. It is in force until it was sent `stale_s` ago, and never longer than what the
 * operator saw is `SEEN_S` old: a message that was long under way holds the arm in motion for so much less.
 */
export type OperatorVerdict =
  | { readonly obey: true; readonly age_s: number }
  | { readonly obey: false; readonly drop: OperatorDrop; readonly why: string };

/** What an operator saw may be this old when they command (s). */
export const SEEN_S = 0.15;
/** Stamps may be this far ahead of the clock: those of another machine (s). */
const AHEAD_S = 0.01;
const NS_PER_S = 1e9;
/** What was seen so much earlier than a command was sent takes nothing from the time it is in force (s). */
const SEEN_BEFORE_S = SEEN_S - DEFAULT_SERVO_OPTIONS.stale_s;
const RELEASE: OperatorVerdict = { obey: true, age_s: 0 };

/**
 * Which messages of operators are obeyed: those of the newest epoch seen, in rising sequence, sent in sight of the arm.
 * Epochs and sequences only rise, also by messages that are dropped; a release of the newest epoch is always obeyed.
 */
export class OperatorInput {
  /** Messages dropped so far, by reason. */
  readonly dropped: Record<OperatorDrop, number> = {
    ...{ epoch: 0, sequence: 0, ahead: 0, blind: 0, handover: 0, busy: 0, invalid: 0 },
  };
  private newest_epoch = 0;
  private sequence = 0;
  private obeyed_ns: bigint | null = null;
  private moving = false;

  /** The highest epoch seen; 0 before the first message. */
  get epoch(): number {
    return this.newest_epoch;
  }

  /** Judges a message at `now_ns`; tell by `obeyed` or `drop` what became of it. */
  judge({ epoch, sequence, stamp_ns, seen_ns, kind }: OperatorJog, now_ns: bigint): OperatorVerdict {
    if (epoch < this.newest_epoch) return dropped('epoch', `epoch ${epoch} has given way to ${this.newest_epoch}`);
    const newer = epoch > this.newest_epoch;
    if (!newer && sequence <= this.sequence) {
      return dropped('sequence', `sequence ${sequence} of epoch ${epoch} is not after ${this.sequence}`);
    }
    const handover = newer && this.moving && this.inCommand(now_ns);
    this.newest_epoch = epoch;
    this.sequence = sequence;
    if (kind === 'release') return RELEASE;
    if (handover) return dropped('handover', `epoch ${epoch} begins: what was commanded before it is halted first`);
    const newest_ns = stamp_ns > seen_ns ? stamp_ns : seen_ns;
    const ahead_s = Number(newest_ns - now_ns) / NS_PER_S;
    if (ahead_s > AHEAD_S) return dropped('ahead', `a stamp is ${ahead_s.toFixed(3)} s ahead of the clock`);
    const seen_s = Number(now_ns - seen_ns) / NS_PER_S;
    if (seen_s > SEEN_S) return dropped('blind', `sent blind: seen ${seen_s.toFixed(3)} s ago, at most ${SEEN_S} s`);
    const sent_s = Number(now_ns - stamp_ns) / NS_PER_S;
    return { obey: true, age_s: Math.max(0, sent_s, seen_s - SEEN_BEFORE_S) };
  }

  /** A message was obeyed: it moves the arm, or released it. */
  obeyed(now_ns: bigint, moving: boolean): void {
    this.obeyed_ns = now_ns;
    this.moving = moving;
  }

  drop(reason: OperatorDrop): void {
    this.dropped[reason]++;
    if (reason === 'handover') this.moving = false;
  }

  /** Whether an operator has commanded so lately that nobody else may. */
  inCommand(now_ns: bigint): boolean {
    if (this.obeyed_ns === null) return false;
    const since_s = Number(now_ns - this.obeyed_ns) / NS_PER_S;
    return since_s >= 0 && since_s <= DEFAULT_SERVO_OPTIONS.stale_s;
  }

  /** For diagnostics: the newest epoch and the drops there were; nothing before the first message. */
  told(): Readonly<Record<string, string | number>> {
    if (this.newest_epoch === 0) return {};
    const drops = OPERATOR_DROPS.filter((reason) => this.dropped[reason] > 0).map(
      (reason) => `${reason} ${this.dropped[reason]}`,
    );
    return { operator_epoch: this.newest_epoch, operator_dropped: drops.join(', ') || 'none' };
  }
}

function dropped(drop: OperatorDrop, why: string): OperatorVerdict {
  return { obey: false, drop, why };
}
