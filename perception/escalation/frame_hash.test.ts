import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { frameHash } from './frame_hash.ts';

it('is SHA-256 over colour and depth bytes, and changes with every pixel of either', () => {
  const rng = createRng(1).stream('frame');
  const colour = { data: Uint8Array.from({ length: 300 }, () => rng.int(256)) };
  const whole = Float32Array.from({ length: 110 }, () => rng.range(0, 2));
  // a view into a larger buffer is hashed as what it shows
  const depth = { data: whole.subarray(10) };
  const bytes = Buffer.alloc(400);
  for (const [i, value] of depth.data.entries()) bytes.writeFloatLE(value, 4 * i);
  const hash = frameHash({ colour, depth });
  expect(hash).toBe(
    createHash('sha256')
      .update(Buffer.concat([colour.data, bytes]))
      .digest('hex'),
  );
  for (let i = 0; i < 100; i++) {
    const [c, d] = [colour.data.slice(), depth.data.slice()];
    if (i % 2 === 0) c[3 * i] ^= 1;
    else d[i] += 1e-6;
    expect(frameHash({ colour: { data: c }, depth: { data: d } }), `pixel ${i}`).not.toBe(hash);
  }
});
