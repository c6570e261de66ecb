import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { demandingOnnx, foreignOnnx } from '../../test/support/onnx_bytes.ts';
import {
  EXECUTION_PROVIDERS,
  type ExecutionProvider,
  type Inference,
  InferenceError,
  type InferenceFault,
  type NetworkSpec,
  type Tensors,
} from './inference.ts';
import { OnnxSession } from './onnx_session.ts';
import { ProviderChain } from './provider_chain.ts';

const spec: NetworkSpec = {
  inputs: [{ name: 'x', type: 'float32', shape: [3] }],
  outputs: [{ name: 'y', type: 'float32', shape: [3] }],
};
const ZEROS = { x: new Float32Array(3) };
const x = Float32Array.of(1, 2, 3);

/** Providers whose loading and runs fail while they are told to; notes what is asked of them. */
class Rig {
  readonly broken = new Map<ExecutionProvider, InferenceFault>();
  readonly unloadable = new Set<ExecutionProvider>();
  readonly loads: ExecutionProvider[] = [];
  readonly released: ExecutionProvider[] = [];
  /** Run by run, who was asked in vain; the warm-up counts. */
  readonly failures: ExecutionProvider[] = [];

  readonly open = async (provider: ExecutionProvider): Promise<Inference> => {
    this.loads.push(provider);
    if (this.unloadable.has(provider)) throw new InferenceError('absent', `no ${provider} here`);
    return {
      ...{ provider, degraded_reason: '' },
      run: async (inputs: Tensors) => {
        const fault = this.broken.get(provider);
        if (fault === undefined) return { y: inputs.x, from: Float32Array.of(EXECUTION_PROVIDERS.indexOf(provider)) };
        this.failures.push(provider);
        throw new InferenceError(fault, `${fault} on ${provider}`);
      },
      release: async () => void this.released.push(provider),
    };
  };
}

const providerOf = (results: Tensors) => EXECUTION_PROVIDERS[results.from[0]];

describe('a chain of execution providers', () => {
  it('takes the first that loads and gives numbers, and says why not the ones before', async () => {
    const rig = new Rig();
    rig.unloadable.add('tensorrt');
    rig.broken.set('cuda', 'values');
    const chain = await ProviderChain.open({ providers: EXECUTION_PROVIDERS, open: rig.open, warm_up: ZEROS });
    expect(chain.provider).toBe('webgpu');
    expect(chain.degraded_reason).toBe('no tensorrt here; cuda: values on cuda');
    expect(rig.loads).toEqual(['tensorrt', 'cuda', 'webgpu']);
    expect(rig.released).toEqual(['cuda']);
    await chain.release();
    expect(rig.released).toEqual(['cuda', 'webgpu']);
  });

  it.each(['memory', 'run', 'values', 'ended', 'silent'] as const)(
    'answers the same run elsewhere after a fault of kind %s, and lets go of what failed',
    async (fault) => {
      const rig = new Rig();
      const chain = await ProviderChain.open({ providers: ['cuda', 'cpu'], open: rig.open, warm_up: ZEROS });
      expect(providerOf(await chain.run({ x }))).toBe('cuda');
      expect(chain.degraded_reason).toBe('');
      rig.broken.set('cuda', fault);
      const results = await chain.run({ x });
      expect([providerOf(results), [...results.y]]).toEqual(['cpu', [1, 2, 3]]);
      expect(chain.degraded_reason).toBe(`cuda: ${fault} on cuda`);
      expect(rig.released).toEqual(['cuda']);
      expect(chain.counts).toEqual({ runs: 2, rescued: 1, lost: 0, recovered: 0 });
    },
  );

  it('tries what failed again after 16, 32, 64 ... frames, and is whole again when it works', async () => {
    const rig = new Rig();
    const chain = await ProviderChain.open({ providers: ['cuda', 'cpu'], open: rig.open, warm_up: ZEROS });
    rig.broken.set('cuda', 'run');
    const tried: number[] = [];
    for (let frame = 1; frame <= 1200; frame++) {
      const before = rig.failures.length;
      expect(providerOf(await chain.run({ x }))).toBe('cpu');
      if (rig.failures.length > before) tried.push(frame);
    }
    expect(tried).toEqual([1, 17, 49, 113, 241, 497, 1009]);
    rig.broken.clear();
    while (chain.degraded_reason !== '') await chain.run({ x });
    expect(chain.counts.runs).toBe(1009 + 1024);
    expect(chain.counts.recovered).toBe(1);
    expect(chain.provider).toBe('cuda');
  });

  it('forgives a provider after 64 good runs, and not before', async () => {
    for (const [good, waits] of [
      [63, 32],
      [64, 16],
    ] as const) {
      const rig = new Rig();
      const chain = await ProviderChain.open({ providers: ['cuda', 'cpu'], open: rig.open, warm_up: ZEROS });
      rig.broken.set('cuda', 'run');
      await chain.run({ x });
      rig.broken.clear();
      const replaced = () => chain.degraded_reason !== '';
      while (replaced()) await chain.run({ x });
      for (let k = 1; k < good; k++) await chain.run({ x });
      rig.broken.set('cuda', 'run');
      await chain.run({ x });
      rig.broken.clear();
      let frames = 0;
      while (replaced()) {
        await chain.run({ x });
        frames++;
      }
      expect(frames, `after ${good} good runs`).toBe(waits);
    }
  });

  it('fails a run only when all have failed, says why of each, and recovers', async () => {
    const rig = new Rig();
    const chain = await ProviderChain.open({ providers: ['cuda', 'cpu'], open: rig.open, warm_up: ZEROS });
    rig.broken.set('cuda', 'memory').set('cpu', 'ended');
    await expect(chain.run({ x })).rejects.toMatchObject({
      fault: 'ended',
      message: 'cuda: memory on cuda; cpu: ended on cpu',
    });
    expect(chain.ready).toBe(false);
    rig.broken.clear();
    let lost = 1;
    for (; !chain.ready; lost++) await chain.run({ x }).catch(() => {});
    expect(lost).toBe(17);
    expect(chain.degraded_reason).toBe('');
  });

  it('is there when nothing loads yet, but refuses a network that no provider can run', async () => {
    const rig = new Rig();
    rig.unloadable.add('cpu');
    const chain = await ProviderChain.open({ providers: ['cpu'], open: rig.open, warm_up: ZEROS });
    await expect(chain.run({ x })).rejects.toThrow('no cpu here');
    const open = async () => Promise.reject(new InferenceError('model', 'no network'));
    await expect(ProviderChain.open({ providers: ['cuda', 'cpu'], open, warm_up: ZEROS })).rejects.toThrow(
      'no network',
    );
  });

  it('answers every run while the last provider works, by the first that is not being waited for', async () => {
    for (let seed = 0; seed < 40; seed++) {
      const rng = createRng(seed, 'chain');
      const rig = new Rig();
      const providers = EXECUTION_PROVIDERS.slice(rng.int(3));
      const chain = await ProviderChain.open({ providers, open: rig.open, warm_up: ZEROS, retry_frames: 4 });
      const last = providers[providers.length - 1];
      for (let frame = 0; frame < 120; frame++) {
        const provider = providers[rng.int(providers.length)];
        if (provider !== last && rng.uniform() < 0.1) rig.broken.set(provider, 'run');
        if (rng.uniform() < 0.1) rig.broken.delete(provider);
        const used = providerOf(await chain.run({ x }));
        expect(rig.broken.has(used), `seed ${seed} frame ${frame}`).toBe(false);
        expect(used).toBe(chain.provider);
        expect(chain.degraded_reason === '', `seed ${seed} frame ${frame}`).toBe(used === providers[0]);
      }
      expect(chain.counts).toMatchObject({ runs: 120, lost: 0 });
    }
  });

  it('keeps the next one loaded where loading goes on beside the frames', async () => {
    const rig = new Rig();
    const options = { providers: EXECUTION_PROVIDERS, open: rig.open, warm_up: ZEROS, beside: true };
    const chain = await ProviderChain.open(options);
    await new Promise(setImmediate);
    expect(rig.loads).toEqual(['tensorrt', 'cuda']);
    rig.broken.set('tensorrt', 'ended');
    expect(providerOf(await chain.run({ x }))).toBe('cuda');
    await new Promise(setImmediate);
    expect(rig.loads).toEqual(['tensorrt', 'cuda', 'webgpu']);
    await chain.release();
    expect(rig.released.sort()).toEqual(['cuda', 'tensorrt', 'webgpu']);
  });

  it('rescues a run of a real network that needs more memory than there is, and one that gives no numbers', async () => {
    const networks = { cuda: demandingOnnx(), cpu: foreignOnnx() };
    const open = (provider: ExecutionProvider) =>
      OnnxSession.load(provider === 'cuda' ? networks.cuda : networks.cpu, spec, provider);
    const chain = await ProviderChain.open({ providers: ['cuda', 'cpu'], open, warm_up: ZEROS });
    const much = Float32Array.of(2 ** 20, 2 ** 20, 4);
    expect([...(await chain.run({ x: much })).y]).toEqual([...much]);
    expect(chain.degraded_reason).toMatch(/^cuda: /);
    await expect(chain.run({ x: Float32Array.of(1, Number.NaN, 1) })).rejects.toMatchObject({ fault: 'values' });
    await chain.release();
  });
});
