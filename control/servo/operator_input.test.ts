import { describe, expect, it } from 'vitest';
import { createRng, type OperatorJog, type Rng } from '../../contracts/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import { OperatorInput } from './operator_input.ts';
import { DEFAULT_SERVO_OPTIONS } from './servo_options.ts';

const MS = 1_000_000n;

function jog(fields: Partial<OperatorJog>): OperatorJog {
  return {
    ...{ stamp_ns: 0n, epoch: 1, session: 's', sequence: 1, seen_ns: 0n, kind: 'twist', frame_id: '' },
    ...{ linear: [0.1, 0, 0], angular: [0, 0, 0], joint_names: [], joint_velocity: new Float64Array(0) },
    ...fields,
  };
}

/** Judges a message and says what became of it, as the node does: obeyed, or the reason. */
function take(input: OperatorInput, message: OperatorJog, now_ns: bigint): string {
  const verdict = input.judge(message, now_ns);
  if (verdict.obey) input.obeyed(now_ns, message.kind !== 'release');
  else input.drop(verdict.drop);
  return verdict.obey ? 'obeyed' : verdict.drop;
}

describe('which messages of operators are obeyed', () => {
  it('only those of the newest epoch, and only in rising sequence', () => {
    const input = new OperatorInput();
    const at = (epoch: number, sequence: number, kind: OperatorJog['kind'] = 'twist') =>
      take(input, jog({ epoch, sequence, kind }), 0n);
    expect(at(3, 7)).toBe('obeyed');
    expect(at(3, 7)).toBe('sequence');
    expect(at(3, 6)).toBe('sequence');
    expect(at(3, 6, 'release')).toBe('sequence');
    expect(at(2, 100)).toBe('epoch');
    expect(at(2, 101, 'release')).toBe('epoch');
    expect(at(3, 9, 'release')).toBe('obeyed');
    expect(at(4, 0)).toBe('obeyed');
    expect(at(3, 10)).toBe('epoch');
    expect(input.dropped).toMatchObject({ epoch: 3, sequence: 3 });
    expect(input.told()).toEqual({ operator_epoch: 4, operator_dropped: 'epoch 3, sequence 3' });
  });

  it('only what was sent in sight of the arm, to the nanosecond; a release always', () => {
    const now_ns = 10_000n * MS;
    const seen = (seen_ns: bigint, kind: OperatorJog['kind'] = 'joints') =>
      take(new OperatorInput(), jog({ stamp_ns: now_ns, seen_ns, kind }), now_ns);
    expect(seen(now_ns - 150n * MS)).toBe('obeyed');
    expect(seen(now_ns - 150n * MS - 1n)).toBe('blind');
    expect(seen(0n)).toBe('blind');
    expect(seen(0n, 'release')).toBe('obeyed');
    expect(seen(now_ns + 10n * MS)).toBe('obeyed');
    expect(seen(now_ns + 10n * MS + 1n)).toBe('ahead');
    expect(seen(2n ** 62n)).toBe('ahead');
    expect(take(new OperatorInput(), jog({ stamp_ns: now_ns + 11n * MS, seen_ns: now_ns }), now_ns)).toBe('ahead');
  });

  it('a command counts as older the longer ago the operator saw the arm: it never outlives what was seen', () => {
    const now_ns = 10_000n * MS;
    const age_ms = (sent_ms: bigint, seen_ms: bigint) => {
      const verdict = new OperatorInput().judge(
        jog({ stamp_ns: now_ns - sent_ms * MS, seen_ns: now_ns - seen_ms * MS }),
        now_ns,
      );
      return verdict.obey ? 1000 * verdict.age_s : Number.NaN;
    };
    const { stale_s } = DEFAULT_SERVO_OPTIONS;
    for (let seen_ms = 0n; seen_ms <= 150n; seen_ms += 10n) {
      for (let sent_ms = -10n; sent_ms <= seen_ms; sent_ms += 10n) {
        const in_force_ms = 1000 * stale_s - age_ms(sent_ms, seen_ms);
        const allowed_ms = Math.min(1000 * stale_s - Math.max(0, Number(sent_ms)), 150 - Number(seen_ms));
        expect(in_force_ms, `sent ${sent_ms}, seen ${seen_ms} ms ago`).toBeCloseTo(allowed_ms, 9);
      }
    }
  });

  it('takes up epoch and sequence also from what it drops: nothing older comes back', () => {
    const input = new OperatorInput();
    const now_ns = 1_000n * MS;
    expect(take(input, jog({ epoch: 5, sequence: 5, stamp_ns: now_ns }), now_ns)).toBe('blind');
    expect(take(input, jog({ epoch: 5, sequence: 5, stamp_ns: now_ns, seen_ns: now_ns }), now_ns)).toBe('sequence');
    expect(take(input, jog({ epoch: 4, sequence: 9, stamp_ns: now_ns, seen_ns: now_ns }), now_ns)).toBe('epoch');
  });

  it('gives an arm that moves over to a newer epoch only halted, and one at rest at once', () => {
    const input = new OperatorInput();
    const at = (time_ms: bigint, epoch: number, sequence: number, kind: OperatorJog['kind'] = 'twist') =>
      take(input, jog({ epoch, sequence, kind, stamp_ns: time_ms * MS, seen_ns: time_ms * MS }), time_ms * MS);
    expect(at(0n, 1, 1)).toBe('obeyed');
    expect(at(50n, 2, 1)).toBe('handover');
    expect(at(60n, 2, 2)).toBe('obeyed');
    expect(at(61n, 3, 0, 'release')).toBe('obeyed');
    expect(at(62n, 4, 0)).toBe('obeyed');
    expect(at(163n, 5, 0)).toBe('obeyed');
  });

  it('is in command for 0.1 s after each message, also when the clock is set back', () => {
    const input = new OperatorInput();
    expect(input.inCommand(0n)).toBe(false);
    expect(take(input, jog({ stamp_ns: 500n * MS, seen_ns: 500n * MS }), 500n * MS)).toBe('obeyed');
    expect([500n, 600n, 601n, 499n].map((ms) => input.inCommand(ms * MS))).toEqual([true, true, false, false]);
  });
});

interface Sent {
  readonly message: OperatorJog;
  readonly sent_ns: bigint;
}

/** Two operators one after the other, whose messages overlap: each in order, about 30 a second. */
function twoOperators(rng: Rng): Sent[] {
  const sent: Sent[] = [];
  for (const epoch of [1, 2]) {
    let t_ns = BigInt(epoch - 1) * 400n * MS;
    for (let sequence = 1; sequence <= 30; sequence++) {
      t_ns += BigInt(10 + rng.int(50)) * MS;
      const kind = (['twist', 'joints', 'release'] as const)[rng.int(12) === 0 ? 2 : rng.int(2)];
      const seen_ns = t_ns - BigInt(rng.int(180)) * MS;
      sent.push({
        message: jog({ epoch, sequence, kind, stamp_ns: t_ns, seen_ns: seen_ns < 0n ? 0n : seen_ns }),
        sent_ns: t_ns,
      });
    }
  }
  return sent;
}

/** The same over a network that loses, delays, reorders and repeats. */
function arrivals(sent: readonly Sent[], rng: Rng): { readonly message: OperatorJog; readonly now_ns: bigint }[] {
  return sent
    .flatMap(({ message, sent_ns }) =>
      Array.from({ length: rng.int(10) < 7 ? 1 : rng.int(4) }, () => ({
        message,
        now_ns: sent_ns + BigInt(rng.int(4) === 0 ? rng.int(400) : rng.int(20)) * MS,
      })),
    )
    .sort((a, b) => Number(a.now_ns - b.now_ns));
}

describe('over random interleavings of two epochs', () => {
  const seeds = Array.from({ length: sweep(80, 200) }, (_, seed) => seed);
  /** Runs a law over all seeds; `broken` says where. */
  const holds = (law: (rng: Rng, broken: (what: string) => void) => void): void => {
    const failures: string[] = [];
    for (const seed of seeds)
      law(createRng(seed).stream('operators'), (what) => failures.push(`seed ${seed}: ${what}`));
    expect(failures).toEqual([]);
  };

  it('what is obeyed rises by epoch and sequence, was seen lately, and never comes twice', () => {
    holds((rng, broken) => {
      const input = new OperatorInput();
      let [epoch, sequence, obeyed, all] = [0, 0, 0, 0];
      for (const { message, now_ns } of arrivals(twoOperators(rng), rng)) {
        all++;
        if (take(input, message, now_ns) !== 'obeyed') continue;
        obeyed++;
        const rises = message.epoch > epoch || (message.epoch === epoch && message.sequence > sequence);
        if (!rises) broken(`${message.epoch}/${message.sequence} after ${epoch}/${sequence}`);
        [epoch, sequence] = [message.epoch, message.sequence];
        const unseen_ns = now_ns - message.seen_ns;
        if (message.kind !== 'release' && unseen_ns > 150n * MS) broken(`obeyed ${unseen_ns} ns after it was seen`);
      }
      const drops = Object.values(input.dropped).reduce((sum, count) => sum + count, 0);
      if (obeyed + drops !== all) broken(`${obeyed} obeyed and ${drops} dropped of ${all}`);
      if (obeyed <= 5) broken(`only ${obeyed} obeyed`);
    });
  });

  it('messages replayed at any later time change nothing of what is obeyed', () => {
    holds((rng, broken) => {
      const heard = arrivals(twoOperators(rng), rng);
      const plain = new OperatorInput();
      const attacked = new OperatorInput();
      for (const [i, { message, now_ns }] of heard.entries()) {
        const [expected, fate] = [take(plain, message, now_ns), take(attacked, message, now_ns)];
        if (fate !== expected) broken(`arrival ${i} is ${fate}, not ${expected}`);
        for (let k = rng.int(4); k > 0; k--) {
          const old = heard[rng.int(i + 1)].message;
          const again = take(attacked, old, now_ns);
          if (again !== 'epoch' && again !== 'sequence') broken(`replay of ${old.epoch}/${old.sequence} is ${again}`);
        }
      }
    });
  });

  it('the newest epoch never falls, and a message of a lower one is never obeyed after it', () => {
    holds((rng, broken) => {
      const input = new OperatorInput();
      let highest = 0;
      for (let k = 0; k < 200; k++) {
        const epoch = 1 + rng.int(6);
        const message = jog({ epoch, sequence: rng.int(50), kind: rng.int(2) === 0 ? 'twist' : 'release' });
        const fate = take(input, message, BigInt(rng.int(300)) * MS);
        if (epoch < highest && fate !== 'epoch') broken(`message ${k} of epoch ${epoch} below ${highest} is ${fate}`);
        highest = Math.max(highest, epoch);
        if (input.epoch !== highest) broken(`message ${k}: newest ${input.epoch}, not ${highest}`);
      }
    });
  });
});
