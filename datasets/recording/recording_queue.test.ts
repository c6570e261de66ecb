import { expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { CHANNEL_PRIORITIES } from '../../ros/index.ts';
import { RecordingQueue, type WaitingMessage } from './recording_queue.ts';

const rank = ({ channel }: WaitingMessage) => CHANNEL_PRIORITIES.indexOf(channel.priority);

function drawn(rng: Rng, k: number): WaitingMessage {
  const priority = CHANNEL_PRIORITIES[rng.int(CHANNEL_PRIORITIES.length)];
  const channel = { id: 0, topic: `/${priority}`, priority };
  const data = new Uint8Array(0);
  return { channel, log_ns: BigInt(k), bytes: rng.int(40), left_out: false, encode: () => data, data };
}

it('keeps order and bounds, and puts out the newest of what matters least, whatever comes and goes', () => {
  for (let seed = 0; seed < 60; seed++) {
    const rng = createRng(seed, 'queue');
    const most = { messages: 1 + rng.int(12), bytes: 20 + rng.int(200) };
    const queue = new RecordingQueue(most);
    let model: WaitingMessage[] = [];
    for (let k = 0; k < 120; k++) {
      const what = `seed ${seed} step ${k}`;
      if (rng.int(3) === 0) {
        expect(queue.shift(), what).toBe(model.shift());
      } else {
        const message = drawn(rng, k);
        let room = true;
        while (room && !queue.hasRoom(message.bytes)) {
          const out = queue.putOut(message.channel.priority);
          const less = model.filter((other) => rank(other) < rank(message));
          const least = Math.min(...less.map(rank));
          expect(out, what).toBe(less.filter((other) => rank(other) === least).at(-1) ?? null);
          room = out !== null;
          if (out === null) break;
          expect([out.left_out, out.encode], what).toEqual([true, null]);
          model = model.filter((other) => other !== out);
        }
        if (room) {
          queue.push(message);
          model.push(message);
        }
      }
      const waiting = model[rng.int(model.length + 1)];
      if (waiting !== undefined) queue.resize(waiting, rng.int(waiting.bytes + 1));
      expect(queue.messages, what).toBe(model.length);
      expect(queue.bytes, what).toBe(model.reduce((sum, { bytes }) => sum + bytes, 0));
      expect(queue.oldest_ns, what).toBe(model[0]?.log_ns ?? null);
      expect(queue.messages, what).toBeLessThanOrEqual(most.messages);
      if (model.length > 1) expect(queue.bytes, what).toBeLessThanOrEqual(most.bytes);
    }
  }
});

it('forgets what was taken out when its size changes later', () => {
  const queue = new RecordingQueue({ messages: 4, bytes: 100 });
  const message = { ...drawn(createRng(1), 0), bytes: 30 };
  queue.push(message);
  queue.shift();
  queue.resize(message, 90);
  expect([queue.messages, queue.bytes, queue.full]).toEqual([0, 0, false]);
});
