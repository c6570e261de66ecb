import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { anyNumberOnnx, demandingOnnx, foreignOnnx } from '../../test/support/onnx_bytes.ts';
import { compiledProgram } from '../../test/support/programs.ts';
import { ModelRepository } from '../models/index.ts';
import { emptyTensors, type NetworkSpec, type Tensors } from './inference.ts';
import { OnnxSession } from './onnx_session.ts';
import { WorkerInference } from './worker_inference.ts';

const spec: NetworkSpec = {
  inputs: [{ name: 'x', type: 'float32', shape: [3] }],
  outputs: [{ name: 'y', type: 'float32', shape: [3] }],
};
const x = Float32Array.of(1, 2, 3);

let worker = '';
beforeAll(async () => {
  worker = join(dirname(await compiledProgram('flood')), '..', '..', 'perception', 'runtime', 'inference_worker.js');
}, 120_000);

/** The program of a thread that loads at once and does `onRun` when it is asked for something. */
const program = (onRun: string) =>
  new URL(
    `data:text/javascript,import { parentPort } from 'node:worker_threads';
     parentPort.on('message', (request) => { ${onRun} }); parentPort.postMessage(null);`,
  );

describe('a network in a thread', () => {
  it('gives the same bits as in this thread, in any order', async () => {
    const { bytes, manifest } = await new ModelRepository().load('vision');
    const [here, there] = [
      await OnnxSession.load(bytes, manifest, 'vision'),
      await WorkerInference.load(bytes, manifest, 'vision', 'cpu', { worker }),
    ];
    const rng = createRng(3, 'pictures');
    const pictures = Array.from({ length: 4 }, () => {
      const picture = emptyTensors(manifest.inputs, 1, manifest.preprocessing);
      for (const values of Object.values(picture)) for (let i = 0; i < values.length; i++) values[i] = rng.range(-1, 1);
      return picture;
    });
    const hashes = (results: Tensors) =>
      Object.values(results).map((values) => createHash('sha256').update(Float32Array.from(values)).digest('hex'));
    const expected: string[][] = [];
    for (const picture of pictures) expected.push(hashes(await here.run(picture)));
    for (const k of [3, 0, 2, 2, 1, 0])
      expect(hashes(await there.run(pictures[k])), `picture ${k}`).toEqual(expected[k]);
    expect(new Set(expected.flat()).size).toBe(expected.flat().length);
    await here.release();
    await there.release();
  });

  it('holds up nothing here while it loads and runs', async () => {
    const { bytes, manifest } = await new ModelRepository().load('vision');
    let turns = 0;
    let counting = true;
    const count = () => {
      turns++;
      if (counting) setImmediate(count);
    };
    count();
    const inference = await WorkerInference.load(bytes, manifest, 'vision', 'cpu', { worker });
    const loading = turns;
    const picture = emptyTensors(manifest.inputs, 1, manifest.preprocessing);
    for (let k = 0; k < 20; k++) await inference.run(picture);
    const [loaded, all] = [loading, turns - loading];
    counting = false;
    expect(loaded).toBeGreaterThan(50);
    expect(all).toBeGreaterThan(20);
    await inference.release();
  });

  it('takes as many pictures at once as it has room for', async () => {
    const several: NetworkSpec = {
      inputs: [{ name: 'x', type: 'float32', shape: ['N', 3] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['N', 3] }],
    };
    const inference = await WorkerInference.load(anyNumberOnnx(), several, 'roots', 'cpu', { worker, pictures: 3 });
    for (const count of [1, 3, 2, 1]) {
      const squares = Float32Array.from({ length: 3 * count }, (_, i) => i * i);
      expect([...(await inference.run({ x: squares })).y]).toEqual([...squares.keys()]);
    }
    for (const length of [0, 4, 12])
      await expect(inference.run({ x: new Float32Array(length) })).rejects.toThrow(/of 1 to 3 pictures/);
    await inference.release();
  });

  it('fails the run that waits as soon as the thread is killed, and every one after', async () => {
    // A run that the thread's program answers may be quicker than its end.
    const silent = { worker: program("if (request === 'die') process.exit(1)"), silence_s: 60 };
    const inference = await WorkerInference.load(foreignOnnx(), spec, 'identity', 'cpu', silent);
    const run = inference.run({ x });
    void inference.kill();
    await expect(run).rejects.toMatchObject({ fault: 'ended', message: expect.stringContaining('identity: ') });
    await expect(inference.run({ x })).rejects.toMatchObject({ fault: 'ended' });
    await inference.release();
  });

  it.each([
    ['leaves', 'process.exit(3)', 'ended', /ended with 3/],
    ['throws', 'throw new Error("lost the device")', 'ended', /lost the device/],
    ['hangs', 'for (;;);', 'silent', /no answer within 0\.2 s/],
    ['says nothing', '', 'silent', /no answer within 0\.2 s/],
    ['fills its heap', 'const all = []; for (;;) all.push(new Array(1e6).fill(all))', 'memory', /memory/],
  ] as const)('fails a run in which its thread %s', async (_, onRun, fault, says) => {
    const silence_s = fault === 'silent' ? 0.2 : 60;
    const options = { worker: program(onRun), silence_s, heap_MB: 64 };
    const inference = await WorkerInference.load(foreignOnnx(), spec, 'identity', 'cpu', options);
    await expect(inference.run({ x })).rejects.toMatchObject({ fault, message: expect.stringMatching(says) });
    await expect(inference.run({ x })).rejects.toMatchObject({ fault });
    await inference.release();
  });

  it('tells what is wrong with a network, memory or values as in this thread', async () => {
    const options = { worker };
    const broken = WorkerInference.load(new Uint8Array(8), spec, 'broken.onnx', 'cpu', options);
    await expect(broken).rejects.toMatchObject({ fault: 'model', message: expect.stringContaining('broken.onnx') });
    const demanding = await WorkerInference.load(demandingOnnx(), spec, 'demanding', 'cpu', options);
    const much = demanding.run({ x: Float32Array.of(2 ** 20, 2 ** 20, 4) });
    await expect(much).rejects.toMatchObject({ fault: 'memory' });
    expect([...(await demanding.run({ x })).y]).toEqual([1, 2, 3]);
    await demanding.release();
  });

  it('keeps no memory over thousands of runs', async () => {
    const inference = await WorkerInference.load(foreignOnnx(), spec, 'identity', 'cpu', { worker });
    const runs = async (count: number) => {
      for (let k = 0; k < count; k++) {
        x[0] = k;
        expect((await inference.run({ x })).y[0]).toBe(k);
      }
      globalThis.gc?.();
      return process.memoryUsage();
    };
    const before = await runs(2000);
    const after = await runs(4000);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(100_000);
    expect(after.heapUsed - before.heapUsed).toBeLessThan(1_000_000);
    expect(after.rss - before.rss).toBeLessThan(40_000_000);
    await inference.release();
  });
});
