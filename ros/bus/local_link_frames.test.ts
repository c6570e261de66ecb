import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import {
  controlFrame,
  FRAME,
  FrameReader,
  messageFrame,
  readMessage,
  readSubscription,
  readUnsubscribe,
  unsubscribeFrame,
} from './local_link_frames.ts';

/** What a reader makes of a stream that comes in pieces. */
function frames(stream: Buffer, pieceOf: () => number): { kind: number; body: Buffer }[] {
  const seen: { kind: number; body: Buffer }[] = [];
  const reader = new FrameReader((kind, body) => seen.push({ kind, body: Buffer.from(body) }));
  for (let at = 0; at < stream.length; ) {
    const end = at + Math.max(1, pieceOf());
    reader.push(stream.subarray(at, end));
    at = end;
  }
  return seen;
}

describe('frames of a link', () => {
  it('come back as they were sent, however the stream is cut', () => {
    for (let seed = 0; seed < 30; seed++) {
      const rng = createRng(seed, 'frames');
      const below = (n: number) => rng.int(n);
      const sent = Array.from({ length: 8 }, () => {
        const length = rng.uniform() < 0.3 ? below(3_000_000) : below(6_000);
        const ids = Array.from({ length: 1 + below(4) }, () => below(2 ** 31));
        return { ids, cdr: new Uint8Array(length).fill(below(256)), drained: rng.uniform() < 0.5 };
      });
      const stream = Buffer.concat(
        sent.flatMap(({ ids, cdr, drained }) => messageFrame(ids, cdr, drained ? FRAME.drained : FRAME.message)),
      );
      const seen = frames(stream, () => (rng.uniform() < 0.5 ? below(12) : below(65_536)));
      expect(seen.length, `seed ${seed}`).toBe(sent.length);
      for (const [i, { ids, cdr, drained }] of sent.entries()) {
        expect(seen[i].kind).toBe(drained ? FRAME.drained : FRAME.message);
        const message = readMessage(seen[i].body);
        expect(message.ids).toEqual(ids);
        expect(message.cdr.equals(cdr), `seed ${seed}, message ${i}`).toBe(true);
      }
    }
  });

  it('carry subscriptions and their ends', () => {
    const subscription = { id: 7, topic: '/a', type: 'std_msgs/msg/Int32', reliability: 'reliable' } as const;
    const stream = Buffer.concat([controlFrame(FRAME.subscribe, subscription), unsubscribeFrame(4_000_000_000)]);
    const [first, second] = frames(stream, () => 3);
    expect(readSubscription(first.body)).toEqual(subscription);
    expect(readUnsubscribe(second.body)).toBe(4_000_000_000);
  });

  it('are refused where they cannot be, without memory for what a length claims', () => {
    const head = (length: number, kind: number) => {
      const bytes = Buffer.alloc(5);
      bytes.writeUInt32LE(length, 0);
      bytes[4] = kind;
      return bytes;
    };
    expect(() => frames(head(2, 9), () => 5)).toThrow(/kind 9/);
    expect(() => frames(head(64 * 2 ** 20 + 1, FRAME.message), () => 5)).toThrow(/bytes/);
    expect(() => frames(head(2 ** 20 + 1, FRAME.hello), () => 5)).toThrow(/bytes/);
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 20 }, () => new FrameReader(() => {}));
    for (const reader of readers) reader.push(Buffer.concat([head(64 * 2 ** 20, FRAME.message), Buffer.alloc(10)]));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40e6);
    for (const body of [Buffer.alloc(0), Buffer.alloc(2), Buffer.from([2, 0, 1, 0, 0, 0])])
      expect(() => readMessage(body)).toThrow();
    expect(() => readUnsubscribe(Buffer.alloc(3))).toThrow(/3 bytes/);
    for (const text of ['', '{', '{}', '{"id":-1,"topic":"/a","type":"b","reliability":"reliable"}', '[1]'])
      expect(() => readSubscription(Buffer.from(text))).toThrow();
  });
});
