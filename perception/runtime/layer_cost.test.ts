import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { ModelRepository } from '../models/index.ts';
import { emptyTensors, shapeOf } from './inference.ts';
import { openInference } from './open_inference.ts';

const RUNS = 5;
const ROUNDS = 60;
const MOST = 1.15;

/** Time that this process itself had on the processors, ms: what else the machine does counts little. */
const cpu_ms = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

describe('our layer over onnxruntime', () => {
  it('adds under 15 % to a bare session loop on the shipped network', async () => {
    const { bytes, manifest } = await new ModelRepository().load('vision');
    const ours = await openInference(bytes, manifest, 'vision');
    const bare = await InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });
    const [input] = manifest.inputs;
    const inputs = emptyTensors(manifest.inputs, 1, manifest.preprocessing);
    const feeds = {
      [input.name]: new Tensor('float32', inputs[input.name], shapeOf(input, 1, manifest.preprocessing)),
    };
    const least = { ours: Number.POSITIVE_INFINITY, bare: Number.POSITIVE_INFINITY };
    const measure = async (who: 'ours' | 'bare') => {
      const started_ms = cpu_ms();
      for (let run = 0; run < RUNS; run++) await (who === 'ours' ? ours.run(inputs) : bare.run(feeds));
      least[who] = Math.min(least[who], cpu_ms() - started_ms);
    };
    for (let round = 0; round < ROUNDS && !(round > 5 && least.ours < MOST * least.bare); round++) {
      for (const who of round % 2 === 0 ? (['ours', 'bare'] as const) : (['bare', 'ours'] as const)) await measure(who);
    }
    expect(least.ours / least.bare).toBeLessThan(MOST);
    await ours.release();
    await bare.release();
  });
});
