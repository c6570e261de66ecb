import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { FrameCutter } from './frame_cutter.ts';

function framed(bodies: readonly Buffer[]): Buffer {
  return Buffer.concat(
    bodies.flatMap((body) => {
      const header = Buffer.alloc(4);
      header.writeUInt32LE(body.length);
      return [header, body];
    }),
  );
}

describe('a frame cutter', () => {
  it('gives the same frames however the stream is cut', () => {
    for (let seed = 0; seed < 100; seed++) {
      const rng = createRng(seed, 'frames');
      const bodies = Array.from({ length: 1 + rng.int(8) }, () =>
        Buffer.from(Array.from({ length: 1 + rng.int(300) }, () => rng.int(256))),
      );
      const stream = framed(bodies);
      const cutter = new FrameCutter(300);
      const frames: Buffer[] = [];
      for (let at = 0; at < stream.length; ) {
        const end = at + 1 + rng.int(rng.int(200) + 1);
        cutter.push(stream.subarray(at, end), (frame) => frames.push(frame));
        at = end;
      }
      expect(frames, `seed ${seed}`).toEqual(bodies);
    }
  });

  it.each([0, 301, 2 ** 32 - 1])('refuses a frame of %d bytes before it has room for it', (length) => {
    const header = Buffer.alloc(4);
    header.writeUInt32LE(length);
    expect(() => new FrameCutter(300).push(header, () => {})).toThrow(`a frame of ${length} bytes: 1 to 300`);
  });
});
