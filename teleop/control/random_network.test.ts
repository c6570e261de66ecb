import { describe, expect, it } from 'vitest';
import { createRng, type OperatorJog, type Rng } from '../../contracts/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import type { CommandOf } from '../protocol/index.ts';
import { CommandGuard, type Held, PICTURE_MS, TICK_MS } from './command_guard.ts';
import { ControlLease, type Operator } from './control_lease.ts';
import { CONTROL_SILENT_MS, HeldMotion, PRESS_ANEW_MS } from './held_motion.ts';
import { TickRing } from './tick_ring.ts';

const PAGE: Operator = { session: 's-ada', tab: 'tab-ada-1', user: 'ada' };
const STEP_MS = 10;
const HELD_MS = 33;
const SAFETY = { mode: 'reduced', latched: false, reasons: [] } as const;

type Sent = Held | CommandOf<'release'>;

interface Weather {
  readonly delay_ms: number;
  readonly jitter_ms: number;
  readonly loss: number;
  readonly duplicates: number;
  /** Of a cut, by the second, and how long one lasts at most. */
  readonly cuts_per_s: number;
  readonly cut_ms: number;
}

function weather(rng: Rng): Weather {
  const bad = rng.uniform();
  return {
    delay_ms: rng.range(0, 60) + (rng.int(4) === 0 ? rng.range(0, 200) : 0),
    jitter_ms: bad * rng.range(0, 250),
    loss: bad * rng.range(0, 0.5),
    duplicates: bad * rng.range(0, 0.5),
    cuts_per_s: bad * rng.range(0, 1),
    cut_ms: rng.range(50, 3000),
  };
}

/** What a message on its way was: which press of the control, and when it was made. */
interface Made {
  readonly press: number;
  readonly tick: number;
  readonly at_ms: number;
}

/** A page and a server with a network between them that delays, loses, repeats, reorders and breaks. */
class Wire {
  private readonly rng: Rng;
  private readonly weather: Weather;
  private now_ms = 0;
  private readonly ticks = new TickRing();
  private readonly made_ms: number[] = [];
  private readonly lease: ControlLease;
  private readonly guard: CommandGuard;
  private readonly held: HeldMotion;
  private epoch = 10;
  /** Drawn by the page, and what of its state it has seen: a tick may be late, as a message may. */
  private drawn = 0;
  private readonly down: { readonly at_ms: number; readonly tick: number }[] = [];
  private readonly up: { readonly at_ms: number; readonly sent: Sent }[] = [];
  private readonly made = new Map<number, Made>();
  private cut_until_ms = 0;
  private sequence = 0;
  private press = 0;
  private is_held = false;
  private next_ms = 0;
  /** Of what has come out to the arm. */
  private taking: Sent | null = null;
  private last: Made | null = null;
  private last_out_ms = Number.NEGATIVE_INFINITY;
  /** Of the last message that was taken, though the arm waited for its mode. */
  private accepted_ms = Number.NEGATIVE_INFINITY;
  private accepted_press = 0;
  /** Held when a connection was lost. */
  private halted_press = 0;
  private is_moving = false;
  private released_press = 0;
  moved = 0;
  refused = 0;

  constructor(seed: number) {
    this.rng = createRng(seed, 'wire');
    this.weather = weather(this.rng);
    this.lease = new ControlLease({ scope: 'panda', epochs: { next: () => ++this.epoch } });
    this.lease.take(PAGE, 0);
    this.lease.step(0, true);
    this.guard = new CommandGuard(this.lease, this.ticks);
    this.held = new HeldMotion({
      limits: { linear_m_s: 0.25, angular_rad_s: 0.5, joint_rad_s: [0.5] },
      joint_names: ['j1'],
      frames: { base: '', tool: 'tool', camera: 'camera' },
      robot_ns: () => BigInt(Math.round(this.now_ms * 1e6)),
      speed: () => 1,
      send: (jog) => this.comesOut(jog),
      arm: () => this.held.armed(),
      disarm: () => {},
    });
  }

  step(): void {
    const { rng } = this;
    this.now_ms += STEP_MS;
    this.beat();
    this.page();
    if (rng.uniform() < (this.weather.cuts_per_s * STEP_MS) / 1000) this.cut();
    this.arrive();
    this.held.step(this.now_ms, !this.is_moving || this.now_ms - this.last_out_ms > 300);
    if (this.is_moving && this.now_ms - this.last_out_ms > CONTROL_SILENT_MS + 2 * STEP_MS)
      throw new Error(`the arm is not let go ${this.now_ms - this.last_out_ms} ms after the last message`);
  }

  /** The server makes a state, which comes to the page late or never. */
  private beat(): void {
    if (this.now_ms % 30 !== 0) return;
    const tick = this.made_ms.length + 1;
    this.made_ms.push(this.now_ms);
    this.ticks.note(tick, this.now_ms, BigInt(tick));
    this.lease.hear(PAGE, this.now_ms);
    if (!this.isLost()) this.down.push({ at_ms: this.now_ms + this.delay(), tick });
  }

  /** Somebody holds the control now and then, for a while; a page draws the newest that it has. */
  private page(): void {
    const { rng } = this;
    const due = this.down.filter(({ at_ms }) => at_ms <= this.now_ms);
    for (const one of due) {
      this.down.splice(this.down.indexOf(one), 1);
      this.drawn = Math.max(this.drawn, one.tick);
    }
    if (rng.uniform() < 0.02) {
      this.is_held = !this.is_held;
      if (this.is_held) this.press++;
      else this.send({ type: 'release', epoch: this.epoch, sequence: ++this.sequence, cause: 'released' });
    }
    if (!this.is_held || this.now_ms < this.next_ms) return;
    this.next_ms = this.now_ms + HELD_MS;
    const turn = { linear: [1, 0, 0], angular: [0, 0, 0] } as const;
    const numbers = { epoch: this.epoch, tick: this.drawn, sequence: ++this.sequence };
    this.send({ type: 'jog', ...numbers, frame: 'base', ...turn });
  }

  private send(sent: Sent): void {
    this.made.set(sent.sequence, { press: this.press, tick: this.drawn, at_ms: this.now_ms });
    if (this.isLost()) return;
    this.up.push({ at_ms: this.now_ms + this.delay(), sent });
    if (this.rng.uniform() < this.weather.duplicates) this.up.push({ at_ms: this.now_ms + 3 * this.delay(), sent });
  }

  /** The connection breaks: what is under way may come after all, once it is there again. */
  private cut(): void {
    this.cut_until_ms = this.now_ms + this.rng.range(0, this.weather.cut_ms);
    const keep = this.rng.int(2) === 0;
    for (const [i, one] of this.up.entries())
      this.up[i] = { ...one, at_ms: keep ? Math.max(one.at_ms, this.cut_until_ms) : Number.POSITIVE_INFINITY };
    this.held.halt('control_silent', this.now_ms);
    this.halted_press = this.accepted_press;
  }

  private isLost(): boolean {
    return this.now_ms < this.cut_until_ms || this.rng.uniform() < this.weather.loss;
  }

  private delay(): number {
    return this.weather.delay_ms + this.rng.range(0, this.weather.jitter_ms);
  }

  private arrive(): void {
    const due = this.up.filter(({ at_ms }) => at_ms <= this.now_ms).sort((a, b) => a.at_ms - b.at_ms);
    for (const one of due) {
      this.up.splice(this.up.indexOf(one), 1);
      this.take(one.sent);
    }
  }

  private take(sent: Sent): void {
    const { now_ms, guard, held, lease } = this;
    const view = { now_ms, safety: SAFETY, picture_ms: PICTURE_MS / 2 };
    this.taking = sent;
    if (sent.type === 'release') {
      const press = this.made.get(sent.sequence)?.press ?? 0;
      if (guard.checkRelease(sent, PAGE, view) !== null) return;
      this.released_press = Math.max(this.released_press, press);
      held.release(sent.cause, now_ms);
      return;
    }
    const drop = guard.checkHeld(sent, PAGE, view);
    const seen_ns = this.ticks.seenIn_ns(sent.tick);
    if (drop === null && lease.lease !== null && held.hold(sent, lease.lease, seen_ns, now_ms)) this.accept(sent);
    else this.refused++;
  }

  /** The law of what counts as held. */
  private accept({ sequence }: Held): void {
    const { now_ms } = this;
    const press = this.made.get(sequence)?.press ?? 0;
    const gap_ms = now_ms - this.accepted_ms;
    if (gap_ms > PRESS_ANEW_MS && press <= this.accepted_press)
      throw new Error(`after a gap of ${gap_ms} ms press ${press} counts on`);
    if (press <= this.halted_press) throw new Error(`press ${press} counts on after the connection was lost`);
    this.accepted_ms = now_ms;
    this.accepted_press = press;
  }

  /** The law of everything that comes out to the arm. */
  private comesOut({ kind, seen_ns }: OperatorJog): void {
    if (kind === 'release') {
      this.is_moving = false;
      return;
    }
    const { taking, now_ms, last } = this;
    const made = taking === null ? undefined : this.made.get(taking.sequence);
    if (taking === null || made === undefined || taking.type === 'release') throw new Error('it moves by itself');
    if (seen_ns !== BigInt(made.tick)) throw new Error(`names ${seen_ns}, the page had drawn ${made.tick}`);
    const tick_ms = now_ms - (this.made_ms[made.tick - 1] ?? Number.NEGATIVE_INFINITY);
    if (tick_ms > TICK_MS) throw new Error(`it moves by a state that is ${tick_ms} ms old`);
    if (now_ms - made.at_ms > TICK_MS) throw new Error(`it moves by a message that is ${now_ms - made.at_ms} ms old`);
    if (last !== null && made.at_ms <= last.at_ms) throw new Error('an older message passes after a newer one');
    if (made.press <= this.released_press) throw new Error(`press ${made.press} moves the arm after it was released`);
    this.last = made;
    this.last_out_ms = now_ms;
    this.is_moving = true;
    this.moved++;
  }
}

describe('over any network', () => {
  it('nothing stale, repeated or from before a release moves the arm, and silence lets it go', () => {
    let [moved, refused] = [0, 0];
    for (let seed = 0; seed < sweep(80, 200); seed++) {
      const wire = new Wire(seed);
      for (let k = 0; k < 2000; k++) {
        try {
          wire.step();
        } catch (error) {
          throw new Error(`seed ${seed}, step ${k}: ${error instanceof Error ? error.message : error}`);
        }
      }
      moved += wire.moved;
      refused += wire.refused;
    }
    expect(moved).toBeGreaterThan(sweep(4000, 10_000));
    expect(refused).toBeGreaterThan(sweep(4000, 10_000));
  });
});
