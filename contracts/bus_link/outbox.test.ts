import { describe, expect, it } from 'vitest';
import type { Backpressure } from '../bus.ts';
import { createRng } from '../rng.ts';
import { Inbox, Outbox, weightOf } from './outbox.ts';

const WINDOW = 65_536;
const LATEST: Backpressure = { kind: 'latest' };

/** An outbox and its other end, between which messages and answers lie until they are let through. */
function line(backpressure: Backpressure) {
  const way: { n: number; lost: number; message: object }[] = [];
  const answers: number[] = [];
  const taken: number[] = [];
  const outbox = new Outbox();
  const inbox = new Inbox((_, bytes) => answers.push(bytes));
  let lost_told = 0;
  return {
    outbox,
    taken,
    lost: () => lost_told,
    onWay: () => way.reduce((sum, { message }) => sum + weightOf(message), 0),
    offer: (n: number, bytes: number) =>
      outbox.offer('lane', backpressure, { n, data: new Uint8Array(bytes) }, (message, lost) =>
        way.push({ n: (message as { n: number }).n, lost, message: message as object }),
      ),
    take: () => {
      const next = way.shift();
      if (next === undefined) return;
      lost_told += next.lost;
      taken.push(next.n);
      inbox.take('lane', next.message);
    },
    answer: () => {
      const bytes = answers.shift();
      if (bytes !== undefined) outbox.answered('lane', bytes);
    },
  };
}

describe('an outbox', () => {
  it('never holds more under way than its window and one message, nor more waiting than its backpressure', () => {
    for (let seed = 0; seed < 200; seed++) {
      const rng = createRng(seed, 'outbox');
      const backpressure: Backpressure = seed % 2 === 0 ? LATEST : { kind: 'queue', depth: 1 + rng.int(20) };
      const most = 2 ** (4 + rng.int(14));
      const { offer, take, answer, onWay, outbox, taken, lost } = line(backpressure);
      let offered = 0;
      for (let turn = 0; turn < 400; turn++) {
        const action = rng.int(3);
        if (action === 0) offer(offered++, rng.int(most));
        else if (action === 1) take();
        else answer();
        expect(onWay(), `seed ${seed}`).toBeLessThan(WINDOW + most + 256);
      }
      const last_dropped = outbox.dropped;
      for (let rest = 0; rest < 2000; rest++) {
        take();
        answer();
      }
      expect(outbox.holds('lane'), `seed ${seed}`).toBe(false);
      expect(taken.length + last_dropped, `seed ${seed}`).toBe(offered);
      expect(
        [...taken].sort((a, b) => a - b),
        `seed ${seed}`,
      ).toEqual(taken);
      expect(lost(), `seed ${seed}`).toBeLessThanOrEqual(last_dropped);
      // Of a sensor the newest comes, whatever was lost before it.
      if (backpressure.kind === 'latest' && offered > 0) expect(taken.at(-1), `seed ${seed}`).toBe(offered - 1);
    }
  });

  it('loses nothing of an end that reads', () => {
    const { offer, take, answer, taken, outbox } = line(LATEST);
    for (let n = 0; n < 500; n++) {
      offer(n, 40_000);
      take();
      answer();
    }
    expect(taken).toHaveLength(500);
    expect(outbox.dropped).toBe(0);
  });

  it('keeps lanes apart: one that is not read delays no other', () => {
    const outbox = new Outbox();
    const sent: string[] = [];
    const offer = (lane: string, bytes: number) =>
      outbox.offer(lane, LATEST, { data: new Uint8Array(bytes) }, () => sent.push(lane));
    for (let k = 0; k < 5; k++) offer('pictures', 500_000);
    for (let k = 0; k < 5; k++) offer('states', 100);
    expect(sent).toEqual(['pictures', ...Array.from({ length: 5 }, () => 'states')]);
    expect(outbox.dropped).toBe(3);
  });
});
