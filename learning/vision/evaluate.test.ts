import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ClassicalDetector,
  type Detector,
  EXACT_CAMERA,
  MODELS_FOLDER,
  ModelRepository,
  NetworkDetector,
  openDetector,
} from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { Tape } from '../graph/index.ts';
import { type DetectorReport, evaluateDetector, evaluationScene, quantiles } from './evaluate.ts';
import { publishModel } from './publish.ts';
import { SceneGenerator, type VisionScene } from './scenes.ts';

const SEED = 4711;
const robot = loadRobot('panda').model;
let scenes: VisionScene[] = [];
let network: Detector;
let folder = '';

beforeAll(async () => {
  const generator = new SceneGenerator();
  scenes = Array.from({ length: 60 }, (_, i) => evaluationScene(generator, SEED, i, 'task', robot));
  network = await openDetector('vision', { fallback: false });
  folder = mkdtempSync(join(tmpdir(), 'vision '));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function expectAccurate(report: DetectorReport): void {
  expect(report.objects).toBeGreaterThan(105);
  expect(report.recall).toBeGreaterThanOrEqual(0.98);
  expect(report.spurious).toBeLessThanOrEqual(1);
  expect(report.class_accuracy).toBeGreaterThanOrEqual(0.99);
  expect(report.colour_accuracy).toBe(1);
  expect(report.position_mm.median).toBeLessThan(0.3);
  expect(report.position_mm.p95).toBeLessThan(1);
  expect(report.height_mm.p95).toBeLessThan(1);
  expect(report.size_mm.p95).toBeLessThan(1.5);
  expect(report.yaw_deg.p95).toBeLessThan(2);
}

describe('on 60 scenes of the task, half of them with the arm in the picture,', () => {
  it('the network finds objects, their classes, poses and sizes', async () => {
    const report = await evaluateDetector(network, scenes);
    expectAccurate(report);
  });

  it('so does the classical detector', async () => {
    expectAccurate(await evaluateDetector(new ClassicalDetector(), scenes));
  });

  it('covariances are of the size of the errors, where the camera is where it is said to be', async () => {
    const exact = new ClassicalDetector('', undefined, () => EXACT_CAMERA);
    let [sum, count] = [0, 0];
    for (const scene of scenes.slice(0, 40)) {
      const { detections } = await exact.detect(scene.frame);
      for (const { pose, covariance } of detections.filter((d) => d.score > 0.5)) {
        const truth = scene.objects.find(
          ({ position }) => Math.hypot(position[0] - pose.position[0], position[1] - pose.position[1]) < 0.02,
        );
        if (truth === undefined) continue;
        for (const k of [0, 1, 2]) sum += (pose.position[k] - truth.position[k]) ** 2 / covariance[7 * k];
        count += 3;
      }
    }
    expect(sum / count).toBeGreaterThan(0.03);
    expect(sum / count).toBeLessThan(1.5);
  });

  it('equal frames give equal detections, whatever came before and from another session', async () => {
    const again = await openDetector('vision', { fallback: false });
    const reversed = [];
    for (const scene of scenes.slice(0, 8).reverse()) reversed.unshift(await again.detect(scene.frame));
    for (const [i, scene] of scenes.slice(0, 8).entries())
      expect(await network.detect(scene.frame)).toEqual(reversed[i]);
    await again.close();
  });
});

describe('objects in part behind others', () => {
  it('have lower scores than whole ones', async () => {
    const generator = new SceneGenerator();
    const detector = new ClassicalDetector();
    const scores = { whole: [] as number[], hidden: [] as number[] };
    for (let i = 0; i < 36; i++) {
      const scene = evaluationScene(generator, SEED + 1, i, 'wide', robot);
      const { detections } = await detector.detect(scene.frame);
      for (const truth of scene.objects) {
        const near = detections.filter(
          ({ pose }) => Math.hypot(pose.position[0] - truth.position[0], pose.position[1] - truth.position[1]) < 0.02,
        );
        const score = Math.max(0, ...near.map((detection) => detection.score));
        if (truth.visible === 1) scores.whole.push(score);
        else if (truth.visible < 0.7) scores.hidden.push(score);
      }
    }
    expect(scores.hidden.length).toBeGreaterThan(3);
    expect(quantiles(scores.whole).median).toBeGreaterThan(0.9);
    expect(quantiles(scores.hidden).median).toBeLessThan(0.5);
  });
});

describe('a model that cannot be used', () => {
  const frame = () => scenes[0].frame;

  it('is refused when it was named: corrupt, truncated, foreign, missing', async () => {
    const { bytes } = await new ModelRepository().load('vision');
    const file = join(folder, 'model.onnx');
    const refused = async (content: Uint8Array, pattern: RegExp) => {
      writeFileSync(file, content);
      await expect(openDetector(file)).rejects.toThrow(pattern);
    };
    await refused(new Uint8Array(0), /model\.onnx.*not an ONNX model/);
    await refused(bytes.slice(0, bytes.length >> 1), /not an ONNX model/);
    await refused(new TextEncoder().encode('<html>'), /not an ONNX model/);
    const foreign = new Tape();
    foreign.graph.output('y', foreign.relu(foreign.graph.input('x', 'float32', [1, 3])));
    await refused(foreign.graph.encode('foreign'), /inputs x float32 \[1, 3\].*image float32 \[1, 5, 120, 160\]/);
    await expect(openDetector(join(folder, 'none.onnx'))).rejects.toThrow(/cannot be read/);
    await expect(openDetector('vision@0.0.1')).rejects.toThrow(/known: vision@/);
    await expect(openDetector('nothing')).rejects.toThrow(/known: vision@/);
  });

  it('is replaced by the classical detector when it is the shipped default, and the detections say why', async () => {
    const models = join(folder, 'models');
    cpSync(MODELS_FOLDER, models, { recursive: true });
    const repository = new ModelRepository(models);
    const { version } = await repository.find('vision');
    writeFileSync(repository.modelFile('vision', version), 'spoiled');
    const detector = await openDetector('vision', { repository });
    const seen = await detector.detect(frame());
    expect(seen.source).toBe('classical');
    expect(seen.degraded_reason).toMatch(/SHA-256/);
    const classical = await openDetector('classical');
    expect(seen.detections).toEqual((await classical.detect(frame())).detections);
    await expect(openDetector('vision', { repository, fallback: false })).rejects.toThrow(/SHA-256/);
    await expect(openDetector(`vision@${version}`, { repository })).rejects.toThrow(/SHA-256/);
  });

  it('and fails or gives no numbers is answered classically, frame by frame', async () => {
    let calls = 0;
    const flaky = new NetworkDetector(
      {
        ...{ provider: 'cpu', degraded_reason: '' },
        run: async () => Promise.reject(new Error(`broken ${++calls}`)),
        release: async () => {},
      },
      { model: 'flaky@1', model_sha256: null },
    );
    expect(await flaky.detect(frame())).toMatchObject({
      source: 'classical',
      degraded_reason: 'flaky@1 failed: broken 1',
    });
    const file = join(folder, 'nan.onnx');
    writeFileSync(file, oneLayer(Number.NaN));
    const nan = await openDetector(file);
    const seen = await nan.detect(frame());
    expect(seen).toMatchObject({ source: 'classical', degraded_reason: expect.stringMatching(/gave NaN/) });
    expect(seen.detections.length).toBeGreaterThan(0);
    await nan.close();
  });

  it('is published whole, pinned in the lock beside others, and replaces its own version', async () => {
    const models = join(folder, 'published');
    const { bytes, manifest } = await new ModelRepository().load('vision');
    for (const version of ['1.0.0', '1.1.0']) await publishModel(models, bytes, { ...manifest, version });
    const other = oneLayer(0);
    await publishModel(models, other, { ...manifest, version: '1.0.0' });
    const status = await new ModelRepository(models).verify();
    expect(status.map(({ version, verified }) => [version, verified])).toEqual([
      ['1.1.0', true],
      ['1.0.0', true],
    ]);
  });
});

/** A network of the shipped ones' form that gives `value` a weight everywhere. */
function oneLayer(value: number): Uint8Array {
  const tape = new Tape();
  const g = tape.graph;
  const image = g.input('image', 'float32', [1, 5, 120, 160]);
  const w = g.tensor(new Float32Array(25).fill(value), [5, 5, 1, 1]);
  const y = tape.conv(image, w, g.tensor(new Float32Array(5), [5]));
  g.output('probabilities', g.node('Softmax', [y], y.shape, { axis: 1 }));
  return g.encode('one-layer');
}
