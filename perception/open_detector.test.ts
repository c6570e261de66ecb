import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng, type Detections, InputError } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { CAMERA_SPECS, createCannonEngine, createTask, SceneView, SimCamera } from '../sim/index.ts';
import { compiledProgram } from '../test/support/programs.ts';
import type { RgbdFrame } from './detector.ts';
import { MODELS_FOLDER, ModelRepository } from './models/index.ts';
import { DEFAULT_MODEL, openDetector, openDetectors } from './open_detector.ts';
import { SwappingDetector, WorkerInference } from './runtime/index.ts';

let worker = '';
let folder = '';
const frames: RgbdFrame[] = [];

beforeAll(async () => {
  worker = join(dirname(await compiledProgram('flood')), '..', '..', 'perception', 'runtime', 'inference_worker.js');
  folder = mkdtempSync(join(tmpdir(), 'detectors '));
  const robot = loadRobot('panda', { visualMeshes: false });
  for (let seed = 0; seed < 3; seed++) {
    const { scene } = createTask('sort').reset(createRng(seed).stream('task'));
    const engine = createCannonEngine(robot, scene);
    const camera = new SimCamera(CAMERA_SPECS.overview, new SceneView(scene, robot.model), robot.model);
    frames.push({ request_id: `overview/${seed}`, ...camera.capture(engine, BigInt(seed), createRng(seed)) });
  }
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A detector whose network has a thread, and a way to kill that thread, whichever it is by then. */
async function withThread(retry_frames: number) {
  const threads: WorkerInference[] = [];
  const detector = await openDetector(DEFAULT_MODEL, {
    ...{ worker, threaded: true, fallback: false, retry_frames },
    loading: async (_, load) => {
      const network = await load();
      if (network instanceof WorkerInference) threads.push(network);
      return network;
    },
  });
  return { detector, kill: () => threads.at(-1)?.kill() };
}

const turns = async (until: () => boolean) => {
  while (!until()) await new Promise((resolve) => setTimeout(resolve, 2));
};

describe('a detector whose network fails while it runs', () => {
  it('answers the frame at hand by colour and depth, says why, and is whole again some frames later', async () => {
    const { detector, kill } = await withThread(3);
    const whole = await detector.detect(frames[0]);
    expect(whole).toMatchObject({ source: 'onnx', degraded_reason: '' });
    expect(whole.detections.length).toBeGreaterThan(1);
    const running = detector.detect(frames[0]);
    await kill();
    const rescued = await running;
    // The run may have ended before its thread did.
    if (rescued.source === 'onnx') expect(rescued.detections).toEqual(whole.detections);
    const next = await detector.detect(frames[1]);
    expect(next).toMatchObject({ source: 'classical', request_id: 'overview/1' });
    expect(next.degraded_reason).toMatch(/failed: cpu: .*thread ended/);
    expect(next.detections.length).toBeGreaterThan(1);
    for (let k = 0; k < 4; k++) await detector.detect(frames[2]);
    await turns(() => detector.diagnostics?.().provider_cpu === 'loaded');
    expect(await detector.detect(frames[0])).toEqual(whole);
    await detector.close();
  });

  it('goes on with what it has when its file is replaced by rubbish, and takes no such file', async () => {
    cpSync(MODELS_FOLDER, folder, { recursive: true });
    const repository = new ModelRepository(folder);
    const open = () => openDetector(DEFAULT_MODEL, { repository, fallback: false });
    const detector = new SwappingDetector(await open());
    const before = await detector.detect(frames[0]);
    const { name, version } = await repository.find(DEFAULT_MODEL);
    writeFileSync(repository.modelFile(name, version), 'rubbish');
    expect(await detector.detect(frames[0])).toEqual(before);
    expect(await detector.swap(open)).toBe(false);
    expect(detector.state.refusal).toMatch(/SHA-256/);
    expect(await detector.detect(frames[0])).toEqual(before);
    await expect(open()).rejects.toThrow(InputError);
    await detector.close();
  });
});

describe('detectors', () => {
  it('of several cameras share a network and see what each would see alone', async () => {
    const alone = await openDetector(DEFAULT_MODEL, { fallback: false });
    const expected: Detections[] = [];
    for (const frame of frames) expected.push(await alone.detect(frame));
    let now_s = 0;
    const detectors = await openDetectors(DEFAULT_MODEL, 3, { fallback: false, stopwatch: () => ++now_s });
    for (let round = 0; round < 3; round++) {
      const seen = await Promise.all(detectors.map((detector, k) => detector.detect(frames[k])));
      expect(seen).toEqual(expected);
    }
    const batches = detectors.map(({ placement }) => placement?.batch);
    expect(batches.every((batch) => Number(batch) >= 1)).toBe(true);
    await Promise.all([alone.close(), ...detectors.map((detector) => detector.close())]);
  });

  it('take one frame after the other, however many are asked for at once', async () => {
    const detector = await openDetector(DEFAULT_MODEL, { fallback: false });
    const expected: Detections[] = [];
    for (const frame of frames) expected.push(await detector.detect(frame));
    const order = [2, 0, 1, 1, 0, 2];
    const seen = await Promise.all(order.map((k) => detector.detect(frames[k])));
    expect(seen).toEqual(order.map((k) => expected[k]));
    await detector.close();
  });

  it('answer by nothing but what is listed', async () => {
    const classical = await openDetector(DEFAULT_MODEL, { providers: ['classical'] });
    expect(await classical.detect(frames[0])).toMatchObject({ source: 'classical', degraded_reason: '' });
    const strict = await openDetector(DEFAULT_MODEL, {
      ...{ fallback: false, providers: ['cpu'] },
      loading: async (_, load) => {
        const network = await load();
        return {
          ...{ provider: network.provider, degraded_reason: '', release: () => network.release() },
          run: () => Promise.reject(new Error('broken')),
        };
      },
    });
    await expect(strict.detect(frames[0])).rejects.toThrow(/cpu: broken/);
    await strict.close();
  });
});
