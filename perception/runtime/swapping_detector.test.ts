import { describe, expect, it } from 'vitest';
import { createRng, type Detection, type Detections, InputError } from '../../contracts/index.ts';
import type { Detector, RgbdFrame } from '../detector.ts';
import { SwappingDetector } from './swapping_detector.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const seen = (x_m: number, kind: Detection['class'] = 'box'): Detection => ({
  ...{ id: 0, class: kind, colour: 'red', score: 0.9, shape: { type: 'box', size: [0.04, 0.04, 0.04] } },
  ...{ pose: { position: [x_m, 0, 0.02], orientation: [0, 0, 0, 1] }, covariance: new Array<number>(36).fill(0) },
  ...{ image_box: [0, 0, 1, 1], pixels: 1 },
});

class Answering implements Detector {
  readonly source = 'onnx';
  readonly model_sha256 = null;
  readonly degraded_reason = '';
  readonly timing = { pre_s: 0, model_s: 1, post_s: 0 };
  readonly masks = [];
  readonly model: string;
  closed = false;
  answered = 0;
  atWork = 0;
  private readonly turns: () => number;
  private readonly detections: readonly Detection[];

  constructor(model: string, turns: () => number = () => 1, detections: readonly Detection[] = []) {
    this.model = model;
    this.turns = turns;
    this.detections = detections;
  }

  async detect({ request_id }: RgbdFrame): Promise<Detections> {
    if (this.closed) throw new Error(`${this.model} is closed`);
    this.atWork++;
    for (let k = this.turns(); k > 0; k--) await turn();
    if (this.closed) throw new Error(`${this.model} was closed at work`);
    this.atWork--;
    this.answered++;
    return {
      ...{ stamp_ns: 0n, frame_id: 'world', request_id, source: 'onnx', degraded_reason: '', model: this.model },
      detections: this.detections,
    };
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

const frame = (k: number): RgbdFrame => {
  const header = { stamp_ns: BigInt(k), frame_id: 'c', width: 1, height: 1 };
  return {
    request_id: `overview/${k}`,
    colour: { ...header, data: new Uint8Array(3) },
    depth: { ...header, data: new Float32Array(1) },
    info: {
      ...{ ...header, name: 'overview', K: [1, 0, 0, 0, 1, 0, 0, 0, 1], D: [0, 0, 0, 0, 0] },
      ...{ distortion_model: 'plumb_bob', T_world_camera_optical: new Array<number>(16).fill(0) },
    },
  };
};

describe('a detector whose model is changed while it runs', () => {
  it('answers every frame, by one model and then by the other, and closes the old one when it is idle', async () => {
    for (let seed = 0; seed < 25; seed++) {
      const rng = createRng(seed, 'swap');
      const models = ['a', 'b', 'c'].map((name) => new Answering(name, () => rng.int(4)));
      const detector = new SwappingDetector(models[0]);
      const answers: string[] = [];
      const swapAt = [5 + rng.int(10), 20 + rng.int(10)];
      const swaps: Promise<boolean>[] = [];
      let work: Promise<unknown> = Promise.resolve();
      for (let k = 0; k < 40; k++) {
        const at = swapAt.indexOf(k);
        if (at >= 0) {
          const open = async () => {
            for (let wait = rng.int(6); wait > 0; wait--) await turn();
            return models[at + 1];
          };
          swaps.push(detector.swap(open));
        }
        // Now and then a frame comes while another is at work.
        work = detector.detect(frame(k)).then(({ model, request_id }) => answers.push(`${model} ${request_id}`));
        if (rng.uniform() < 0.8) await work;
      }
      await work;
      expect(await Promise.all(swaps), `seed ${seed}`).toEqual([true, true]);
      await turn();
      expect(answers).toHaveLength(40);
      const order = answers.map((one) => one[0]).join('');
      expect(order, `seed ${seed}`).toMatch(/^a+b+c+$/);
      expect(models.map(({ closed }) => closed)).toEqual([true, true, false]);
      expect(detector.state).toMatchObject({ model: 'c', swaps: 2, refusal: '' });
      await detector.close();
      expect(models[2].closed).toBe(true);
    }
  });

  it('goes on with what it has when the other cannot be used, and says why', async () => {
    const detector = new SwappingDetector(new Answering('a'));
    const refused = detector.swap(() => Promise.reject(new InputError('model b', 'altered; restore it')));
    expect((await detector.detect(frame(0))).model).toBe('a');
    expect(await refused).toBe(false);
    expect(detector.state).toMatchObject({ model: 'a', swaps: 0, refusal: 'model b: altered; restore it' });
    expect(await detector.swap(async () => new Answering('c'))).toBe(true);
    expect((await detector.detect(frame(1))).model).toBe('c');
    expect(detector.state.refusal).toBe('');
  });

  it('follows the newest wish, whichever loads first', async () => {
    const [slow, quick] = [new Answering('slow'), new Answering('quick')];
    const detector = new SwappingDetector(new Answering('a'));
    let load = (_: Detector) => {};
    const first = detector.swap(() => new Promise((resolve) => (load = resolve)));
    const second = detector.swap(async () => quick);
    expect(await second).toBe(true);
    load(slow);
    expect(await first).toBe(false);
    expect([slow.closed, quick.closed]).toEqual([true, false]);
    expect((await detector.detect(frame(0))).model).toBe('quick');
  });

  it('counts in how far a model beside agrees, and is not slowed by it', async () => {
    const [near, far] = [seen(0.5), seen(0.6)];
    const detector = new SwappingDetector(new Answering('a', () => 1, [near, far]));
    const looks = async (shadow: Answering, frames: number) => {
      expect(await detector.shadow(async () => shadow)).toBe(true);
      for (let k = 0; k < frames; k++) {
        expect((await detector.detect(frame(k))).model).toBe('a');
        if (shadow.model !== 'busy') await detector.shadowSettled();
      }
      await detector.shadowSettled();
      return detector.state;
    };
    const alike = await looks(new Answering('alike', () => 1, [seen(0.503), seen(0.6)]), 5);
    expect(alike.agreement).toMatchObject({ frames: 5, same: 5, both: 10, first_only: 0, second_only: 0 });
    expect(alike.agreement?.most_apart_m).toBeCloseTo(0.003, 9);
    const unlike = await looks(new Answering('unlike', () => 1, [seen(0.5, 'cylinder'), seen(0.7)]), 3);
    expect(unlike.agreement).toMatchObject({ frames: 3, same: 0, other_class: 3, first_only: 3, second_only: 3 });
    const busy = await looks(new Answering('busy', () => 50), 20);
    expect(busy.agreement?.frames).toBeLessThan(20);
    expect((busy.agreement?.frames ?? 0) + busy.shadow_missed).toBe(20);
    expect(await detector.shadow(null)).toBe(true);
    expect(detector.state).toMatchObject({ shadow: '', agreement: null });
  });

  it('misses what a model beside fails, and nothing else', async () => {
    const detector = new SwappingDetector(new Answering('a'));
    const broken = new Answering('broken');
    await detector.shadow(async () => broken);
    broken.closed = true;
    for (let k = 0; k < 3; k++) {
      expect((await detector.detect(frame(k))).model).toBe('a');
      await detector.shadowSettled();
    }
    expect(detector.state).toMatchObject({ shadow_missed: 3, agreement: { frames: 0 } });
  });
});
