import { beforeAll, describe, expect, it } from 'vitest';
import { createRng, InputError, type Rng } from '../../contracts/index.ts';
import { ClassicalDetector, type Detector, openDetector, type RgbdFrame } from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { evaluationScene } from './evaluate.ts';
import { SceneGenerator } from './scenes.ts';

const STRANGE = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, -0, 1e-40, 3.4e38, 1e6];
const robot = loadRobot('panda').model;
let frames: RgbdFrame[] = [];
let network: Detector;

beforeAll(async () => {
  const generator = new SceneGenerator();
  frames = Array.from({ length: 4 }, (_, i) => evaluationScene(generator, 551, i, 'task', robot).frame);
  network = await openDetector('vision', { fallback: false });
});

/** A frame whose depth is strange in places: single pixels, a rectangle, or everywhere. */
function spoilt(frame: RgbdFrame, rng: Rng): RgbdFrame {
  const { width, height } = frame.depth;
  const data = frame.depth.data.slice();
  const value = STRANGE[rng.int(STRANGE.length)];
  const kind = rng.int(3);
  if (kind === 0) for (let k = 0; k < 2000; k++) data[rng.int(data.length)] = STRANGE[rng.int(STRANGE.length)];
  else if (kind === 1) {
    const [u0, v0] = [rng.int(width), rng.int(height)];
    for (let v = v0; v < Math.min(height, v0 + 80); v++)
      data.fill(value, v * width + u0, Math.min((v + 1) * width, v * width + u0 + 80));
  } else data.fill(value);
  return { ...frame, depth: { ...frame.depth, data } };
}

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

describe('a picture with numbers that are none', () => {
  it.each(['network', 'classical'] as const)(
    'gives finite detections or is refused, by the %s detector',
    async (which) => {
      const detector = which === 'network' ? network : new ClassicalDetector();
      const rng = createRng(61).stream('frames');
      for (let k = 0; k < 48; k++) {
        const frame = spoilt(frames[k % frames.length], rng);
        const told = `case ${k}`;
        try {
          const { detections, source } = await detector.detect(frame);
          expect(numbersIn(detections).every(Number.isFinite), `${told}: ${JSON.stringify(detections)}`).toBe(true);
          if (which === 'network') expect(source, told).toBe('onnx');
        } catch (error) {
          expect(error, told).toBeInstanceOf(InputError);
        }
      }
    },
  );

  it('leaves nothing behind: the next picture is seen as before', async () => {
    const before = await network.detect(frames[0]);
    const data = frames[0].depth.data.slice().fill(Number.NaN);
    await network.detect({ ...frames[0], depth: { ...frames[0].depth, data } });
    expect(await network.detect(frames[0])).toEqual(before);
  });
});
