import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { customOperatorOnnx, demandingOnnx, externalOnnx, foreignOnnx } from '../../test/support/onnx_bytes.ts';
import type { NetworkSpec } from './inference.ts';
import { firstNotFinite, OnnxSession } from './onnx_session.ts';
import { openSession } from './open_session.ts';

const spec: NetworkSpec = {
  inputs: [{ name: 'x', type: 'float32', shape: [3] }],
  outputs: [{ name: 'y', type: 'float32', shape: [3] }],
};
const folder = mkdtempSync(join(tmpdir(), 'surepick-model-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a network from elsewhere', () => {
  it('runs when it is what its specification says, and writes where it was told to', async () => {
    const outputs = { y: new Float32Array(3) };
    const session = await OnnxSession.load(foreignOnnx(), spec, 'identity.onnx', 'cpu', 1, outputs);
    for (const values of [
      [1, 2, 3],
      [4, 5, 6],
    ]) {
      expect((await session.run({ x: Float32Array.from(values) })).y.buffer).toBe(outputs.y.buffer);
      expect([...outputs.y]).toEqual(values);
    }
    await session.release();
  });

  it('takes an array that is written anew before each run', async () => {
    const session = await openSession(foreignOnnx(), spec, 'identity.onnx');
    const x = new Float32Array(3);
    for (let k = 0; k < 5; k++) {
      x.fill(k);
      expect([...(await session.run({ x })).y]).toEqual([k, k, k]);
    }
    await session.release();
  });

  it('cannot have other files read, wherever it says that its weights are', async () => {
    const secret = join(folder, 'secret.bin');
    writeFileSync(secret, new Uint8Array(12));
    for (const location of ['secret.bin', secret, relative(process.cwd(), secret), '../../../etc/hostname']) {
      const loaded = openSession(externalOnnx(location), spec, 'external.onnx');
      await expect(loaded, location).rejects.toThrow(InputError);
      await expect(loaded, location).rejects.toThrow('external.onnx');
    }
  });

  it('cannot have code loaded by operators of its own', async () => {
    const loaded = openSession(customOperatorOnnx('evil.operators', 'Shell'), spec, 'custom.onnx');
    await expect(loaded).rejects.toThrow(/custom\.onnx.*not an ONNX model that onnxruntime can load/);
  });

  it('is refused when it wants or gives anything but what is specified', async () => {
    const other = { ...spec, inputs: [{ ...spec.inputs[0], shape: [4] }] };
    await expect(openSession(foreignOnnx(), other, 'identity.onnx')).rejects.toThrow('must be exactly x float32');
  });

  it('gives no numbers that are none', async () => {
    const session = await openSession(foreignOnnx(), spec, 'identity.onnx');
    const run = session.run({ x: Float32Array.of(1, Number.NaN, 3) });
    await expect(run).rejects.toThrow('the network gave NaN at 1 of 3');
    await expect(run).rejects.toMatchObject({ fault: 'values' });
    expect([...(await session.run({ x: Float32Array.of(1, 2, 3) })).y]).toEqual([1, 2, 3]);
    await session.release();
  });

  it('says that memory did not suffice, and runs again when it does', async () => {
    const session = await openSession(demandingOnnx(), spec, 'demanding.onnx');
    expect([...(await session.run({ x: Float32Array.of(2, 3, 4) })).y]).toEqual([2, 3, 4]);
    await expect(session.run({ x: Float32Array.of(2 ** 20, 2 ** 20, 4) })).rejects.toMatchObject({ fault: 'memory' });
    expect([...(await session.run({ x: Float32Array.of(2, 3, 4) })).y]).toEqual([2, 3, 4]);
    await session.release();
  });
});

describe('values that are not finite', () => {
  it('are found wherever they are', () => {
    const rng = createRng(7, 'values');
    for (let round = 0; round < 400; round++) {
      const values = Float32Array.from({ length: rng.int(40) }, () => rng.range(-3e38, 3e38));
      expect(firstNotFinite(values)).toBe(-1);
      if (values.length === 0) continue;
      const places = [rng.int(values.length), rng.int(values.length)].sort((a, b) => a - b);
      for (const place of places) values[place] = [Number.NaN, Infinity, -Infinity][rng.int(3)];
      expect(firstNotFinite(values), `round ${round}: ${values}`).toBe(places[0]);
    }
  });
});
