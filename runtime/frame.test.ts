import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { Frame, frameBytes, isNewer } from './frame.ts';

const VALUES = 9;
const KEY = 0x1234567;

function sealed(sequence: number, fill: (i: number) => number): Frame {
  const frame = new Frame(VALUES, KEY);
  for (let i = 0; i < VALUES; i++) frame.payload[i] = fill(i);
  frame.seal(sequence);
  return frame;
}

describe('a frame', () => {
  it('is whole as it was sealed, and carries payload and sequence', () => {
    const frame = sealed(-5, (i) => i / 3);
    const copy = new Frame(VALUES, KEY, frame.bytes.slice().buffer);
    expect(copy.verdict()).toBe('whole');
    expect(copy.sequence).toBe(-5);
    expect(Array.from(copy.payload)).toEqual(Array.from(frame.payload));
  });

  it('is empty before anything was written', () => {
    expect(new Frame(VALUES, KEY).verdict()).toBe('empty');
  });

  it('is not whole with any one bit turned', () => {
    const frame = sealed(77, (i) => Math.sin(i));
    for (let bit = 0; bit < 8 * frameBytes(VALUES); bit++) {
      frame.bytes[bit >> 3] ^= 1 << (bit & 7);
      expect(['torn', 'foreign'], `bit ${bit}`).toContain(frame.verdict());
      frame.bytes[bit >> 3] ^= 1 << (bit & 7);
    }
    expect(frame.verdict()).toBe('whole');
  });

  it('is not whole when its parts were written at different times, wherever it is cut', () => {
    const rng = createRng(3, 'frames');
    for (let round = 0; round < 200; round++) {
      const older = sealed(round, () => rng.normal());
      const newer = sealed(round + 2, () => rng.normal());
      const mixed = new Frame(VALUES, KEY);
      for (let cut = 1; cut < frameBytes(VALUES); cut++) {
        mixed.bytes.set(older.bytes);
        mixed.bytes.set(newer.bytes.subarray(0, cut));
        const same = [older, newer].some((frame) => Buffer.compare(frame.bytes, mixed.bytes) === 0);
        expect(mixed.verdict() === 'whole', `round ${round} cut ${cut}`).toBe(same);
      }
    }
  });

  it('of another channel is foreign', () => {
    const frame = sealed(1, () => 1);
    expect(new Frame(VALUES, KEY + 1, frame.bytes.buffer).verdict()).toBe('foreign');
  });

  it('counts its sequence round the end of 32 bits', () => {
    expect(isNewer(2, 1)).toBe(true);
    expect(isNewer(1, 1)).toBe(false);
    expect(isNewer(1, 2)).toBe(false);
    expect(isNewer(-(2 ** 31), 2 ** 31 - 1)).toBe(true);
    expect(isNewer(2 ** 31 - 1, -(2 ** 31))).toBe(false);
  });
});
