import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { hashOf } from '../../perception/index.ts';
import { loadCheckpoint, saveCheckpoint } from '../vision/checkpoint.ts';
import { loadDemonstrations, saveDemonstrations } from './demonstration_file.ts';
import { stoppingPoint } from './early_stopping.ts';
import { HeldOutLoss } from './held_out_loss.ts';
import { type MlpShape, mlpForward, mlpParameterCount } from './mlp.ts';
import { cloningGradient, POLICY_INPUT, policyModel } from './network.ts';
import { exportPolicy, PARITY } from './parity.ts';
import type { ChunkSamples, Demonstration } from './samples.ts';
import { type CloningOptions, type CloningState, cloneBehaviour, initialCloningState } from './trainer.ts';

const SHAPE: MlpShape = { inputs: 3, hidden: [8, 6], chunk: 2, action: 2 };
const OPTIONS: CloningOptions = { shape: SHAPE, seed: 1, steps: 60, batch: 16, rate: 3e-3, threads: 1 };
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy '));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A teacher that is a smooth function of what it sees. */
function lesson(count: number): ChunkSamples {
  const rng = createRng(5);
  const x = Float32Array.from({ length: 3 * count }, () => rng.normal());
  const y = Float32Array.from({ length: 4 * count }, (_, i) => Math.sin(x[3 * Math.floor(i / 4)] + 0.3 * (i % 4)));
  return { count, inputs: 3, outputs: 4, x, y, origin: Int32Array.from({ length: count }, (_, k) => k) };
}

async function train(options: CloningOptions, start = initialCloningState(options), seen: CloningState[] = []) {
  const losses: number[] = [];
  const { theta } = await cloneBehaviour(options, start, lesson(200), (loss, state) => {
    losses.push(loss);
    seen.push(state);
    return false;
  });
  return { hash: hashOf(policyModel(SHAPE, theta)), losses, theta };
}

describe('behaviour cloning', () => {
  it('has the gradient of its loss, held to finite differences in double arithmetic', async () => {
    const { x, y } = lesson(16);
    const theta = initialCloningState({ shape: SHAPE, seed: 4 }).theta;
    const session = await InferenceSession.create(cloningGradient(SHAPE, 16));
    const result = await session.run({
      [POLICY_INPUT]: new Tensor('float32', x, [16, 3]),
      target: new Tensor('float32', y, [16, 4]),
      theta: new Tensor('float32', theta, [theta.length]),
    });
    const loss = (values: Float32Array): number => {
      let sum = 0;
      for (let row = 0; row < 16; row++) {
        const answer = mlpForward(SHAPE, values, x.subarray(3 * row, 3 * row + 3));
        for (let k = 0; k < 4; k++) sum += (answer[k] - y[4 * row + k]) ** 2 / 64;
      }
      return sum;
    };
    expect(Number(result.loss.data[0])).toBeCloseTo(loss(theta), 5);
    const rng = createRng(6);
    for (let trial = 0; trial < 40; trial++) {
      const k = rng.int(theta.length);
      const [up, down] = [theta.slice(), theta.slice()];
      up[k] += 1e-3;
      down[k] -= 1e-3;
      const slope = (loss(up) - loss(down)) / (up[k] - down[k]);
      expect(Number(result.gradient.data[k]), `parameter ${k}`).toBeCloseTo(slope, 3);
    }
  });

  it('learns: the loss falls by more than five times on a smooth teacher', async () => {
    const { losses } = await train({ ...OPTIONS, steps: 600, rate: 1e-2 });
    expect(losses.at(-1)).toBeLessThan(losses[0] / 5);
  });

  it('gives equal bytes for equal seeds on one thread and two, others for another seed', async () => {
    const { hash } = await train(OPTIONS);
    expect((await train({ ...OPTIONS, threads: 2 })).hash).toBe(hash);
    expect((await train({ ...OPTIONS, seed: 2 })).hash).not.toBe(hash);
  });

  it('goes on from a checkpoint to the bytes it would have had', async () => {
    const states: CloningState[] = [];
    const { hash } = await train(OPTIONS, initialCloningState(OPTIONS), states);
    const file = join(folder, 'checkpoint');
    await saveCheckpoint(file, 'one', states[22]);
    expect((await train(OPTIONS, await loadCheckpoint(file, 'one'))).hash).toBe(hash);
  });

  it('names the step at which its loss is no number, and samples that do not fit', async () => {
    const spoilt = lesson(200);
    spoilt.y.fill(Number.POSITIVE_INFINITY);
    const start = initialCloningState(OPTIONS);
    const never = () => false;
    await expect(cloneBehaviour(OPTIONS, start, spoilt, never)).rejects.toThrow(
      /diverged at step 1: loss .*rate of 0.003/,
    );
    await expect(cloneBehaviour(OPTIONS, start, { ...lesson(4), inputs: 2 }, never)).rejects.toThrow(
      'samples of 2 inputs',
    );
    await expect(cloneBehaviour(OPTIONS, start, { ...lesson(4), count: 0 }, never)).rejects.toThrow('none');
    await expect(cloneBehaviour(OPTIONS, { ...start, step: 61 }, lesson(4), never)).rejects.toThrow('ends at 60');
  });

  it('is exported as it was trained; a held-out loss is that of the export', async () => {
    const { theta } = await train(OPTIONS);
    const { x, y } = lesson(30);
    const { difference } = await exportPolicy(SHAPE, theta, x);
    expect(difference).toBeLessThan(PARITY);
    const held = await HeldOutLoss.open(SHAPE, lesson(30), 1);
    let sum = 0;
    for (let row = 0; row < 30; row++) {
      const answer = mlpForward(SHAPE, theta, x.subarray(3 * row, 3 * row + 3));
      for (let k = 0; k < 4; k++) sum += (answer[k] - y[4 * row + k]) ** 2 / 120;
    }
    expect(await held.of(theta)).toBeCloseTo(sum, 5);
    await held.close();
    expect(theta.length).toBe(mlpParameterCount(SHAPE));
    theta[3] = Number.NaN;
    await expect(exportPolicy(SHAPE, theta, x)).rejects.toThrow(/probe 0/);
  });
});

describe('early stopping', () => {
  it('ends at the first point without a new least loss for so long, whatever comes after', () => {
    expect(stoppingPoint([5, 4, 3, 2, 1], 2)).toBe(-1);
    expect(stoppingPoint([5, 3, 4, 4, 1], 2)).toBe(3);
    expect(stoppingPoint([5, 3, 4], 2)).toBe(-1);
    expect(stoppingPoint([], 2)).toBe(-1);
  });
});

describe('demonstrations in a file', () => {
  const sizes = { observation: 2, action: 1 };
  const one: Demonstration = {
    ...{ length: 3, success: true, followed: Uint8Array.of(1, 0, 1) },
    observations: Float32Array.of(1, 2, 3, 4, 5, 6),
    actions: Float32Array.of(7, 8, 9),
  };

  it('come back as they were, with the same hash', async () => {
    const file = join(folder, 'demonstrations');
    const { sha256 } = await saveDemonstrations(file, 'expert', [one, { ...one, success: false }], sizes);
    const back = await loadDemonstrations(file, 'expert');
    expect(back).toEqual({ source: 'expert', sha256, demonstrations: [one, { ...one, success: false }] });
  });

  it('are refused when they are of another source, damaged or none', async () => {
    const file = join(folder, 'demonstrations');
    await saveDemonstrations(file, 'expert', [one], sizes);
    await expect(loadDemonstrations(file, 'another')).rejects.toThrow(/'expert'.*'another'/);
    const bytes = readFileSync(file);
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(file, bytes);
    await expect(loadDemonstrations(file, 'expert')).rejects.toThrow('damaged');
    writeFileSync(file, 'rubbish\n');
    await expect(loadDemonstrations(file, 'expert')).rejects.toThrow('surepick.demonstrations/1');
    await expect(loadDemonstrations(join(folder, 'absent'), 'expert')).rejects.toThrow('can be read');
  });
});
