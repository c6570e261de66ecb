import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { anyNumberOnnx } from '../../test/support/onnx_bytes.ts';
import { InferenceBatcher, measureBatches } from './batching.ts';
import { greatestGrid, type Inference, type NetworkSpec, picturesIn, type Tensors } from './inference.ts';
import { OnnxSession } from './onnx_session.ts';

const spec: NetworkSpec = {
  inputs: [{ name: 'x', type: 'float32', shape: ['N', 3] }],
  outputs: [{ name: 'y', type: 'float32', shape: ['N', 3] }],
};
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Notes the sizes of the batches that reach a network. */
class Watched implements Inference {
  readonly sizes: number[] = [];
  released = 0;
  private readonly inner: Inference;

  constructor(inner: Inference) {
    this.inner = inner;
  }

  readonly provider = 'cpu';
  readonly degraded_reason = '';

  run(inputs: Tensors): Promise<Tensors> {
    this.sizes.push(picturesIn(inputs, spec, 8, greatestGrid(spec)));
    return this.inner.run(inputs);
  }

  async release(): Promise<void> {
    this.released++;
    await this.inner.release();
  }
}

describe('one network for several cameras', () => {
  it('answers each with its own, as if it were alone, however they come', async () => {
    const session = new Watched(await OnnxSession.load(anyNumberOnnx(), spec, 'roots', 'cpu', 4));
    const batcher = new InferenceBatcher(session, spec, 4);
    const rng = createRng(11, 'cameras');
    let asked = 0;
    const camera = async (client: Inference) => {
      const x = new Float32Array(3);
      for (let k = 0; k < 60; k++) {
        for (let i = 0; i < 3; i++) x[i] = rng.range(0, 100);
        const { y } = await client.run({ x });
        asked++;
        expect([...y]).toEqual([...x].map((value) => Math.fround(Math.sqrt(value))));
        for (let wait = rng.int(4); wait > 0; wait--) await turn();
      }
    };
    const clients = Array.from({ length: 6 }, () => batcher.client());
    await Promise.all(clients.map(camera));
    expect(asked).toBe(360);
    expect(session.sizes.reduce((sum, size) => sum + size, 0)).toBe(360);
    expect(Math.max(...session.sizes)).toBe(4);
    expect(Number(clients[0].diagnostics?.().pictures_a_run)).toBeCloseTo(360 / session.sizes.length, 9);
    for (const client of clients) {
      expect(session.released).toBe(0);
      await client.release();
    }
    expect(session.released).toBe(1);
  });

  it('makes nobody wait for company', async () => {
    const session = new Watched(await OnnxSession.load(anyNumberOnnx(), spec, 'roots', 'cpu', 4));
    const batcher = new InferenceBatcher(session, spec, 4);
    const [alone, other] = [batcher.client(), batcher.client()];
    for (let k = 0; k < 3; k++) await alone.run({ x: Float32Array.of(1, 4, 9) });
    expect(session.sizes).toEqual([1, 1, 1]);
    await Promise.all([alone.release(), other.release()]);
  });

  it('lets one bad picture fail alone', async () => {
    const session = new Watched(await OnnxSession.load(anyNumberOnnx(), spec, 'roots', 'cpu', 4));
    const batcher = new InferenceBatcher(session, spec, 4);
    const clients = Array.from({ length: 4 }, () => batcher.client());
    const results = await Promise.allSettled(
      clients.map((client, k) => client.run({ x: Float32Array.of(k === 2 ? -1 : 4, 9, 16) })),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(results[2]).toMatchObject({ reason: { fault: 'values' } });
    expect([...(await clients[2].run({ x: Float32Array.of(4, 9, 16) })).y]).toEqual([2, 3, 4]);
    await Promise.all(clients.map((client) => client.release()));
  });

  it('takes pictures together only as far as that is measured to be quicker', async () => {
    for (const [first, each, batch] of [
      [0, 1, 1],
      [0.04, 1, 1],
      [0.3, 1, 8],
      [2, 1, 8],
    ] as const) {
      let now_s = 0;
      const network: Inference = {
        ...{ provider: 'cpu', degraded_reason: '' },
        run: async (inputs) => {
          now_s += first + each * picturesIn(inputs, spec, 8, greatestGrid(spec));
          return inputs;
        },
        release: async () => {},
      };
      const { batch: chosen, seconds } = await measureBatches(network, spec, 8, () => now_s);
      expect(chosen, `${first} s a run and ${each} s a picture`).toBe(batch);
      for (const [size, told] of seconds) expect(told).toBeCloseTo(first / size + each, 9);
    }
  });
});
