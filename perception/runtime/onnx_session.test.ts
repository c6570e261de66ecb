import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { customOperatorOnnx, externalOnnx, foreignOnnx } from '../../test/support/onnx_bytes.ts';
import type { NetworkSpec } from './inference.ts';
import { openSession } from './open_session.ts';

const spec: NetworkSpec = {
  inputs: [{ name: 'x', type: 'float32', shape: [3] }],
  outputs: [{ name: 'y', type: 'float32', shape: [3] }],
};
const folder = mkdtempSync(join(tmpdir(), 'surepick-model-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a network from elsewhere', () => {
  it('runs when it is what its specification says', async () => {
    const runtime = await openSession(foreignOnnx(), spec, 'identity.onnx');
    expect([...(await runtime.run({ x: Float32Array.of(1, 2, 3) })).y]).toEqual([1, 2, 3]);
    await runtime.release();
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
    const runtime = await openSession(foreignOnnx(), spec, 'identity.onnx');
    await expect(runtime.run({ x: Float32Array.of(1, Number.NaN, 3) })).rejects.toThrow(
      'the network gave NaN at 1 of 3',
    );
    await runtime.release();
  });
});
