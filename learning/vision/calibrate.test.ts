import { describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import {
  ClassicalDetector,
  ConfidentDetector,
  calibration as calibrationSchema,
  DEFAULT_COSTS,
  type Inquiry,
} from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { AnsweringDetector, answeredBox } from '../../test/support/answering_detector.ts';
import { DEFAULT_FIT, fitCalibration, keptForQuantile } from './calibrate_fit.ts';
import { calibrationReport } from './calibrate_report.ts';
import { evaluateRouting } from './calibrate_routing.ts';
import {
  CalibrationSet,
  type DetectionSample,
  drawSamples,
  NOTHING_DRAWN,
  type SetAnswer,
} from './calibrate_samples.ts';
import { parseSamples, samplesAsText, samplesText } from './calibrate_store.ts';
import { uncertaintyOf } from './known_camera.ts';

/** Detections of every quality with truths drawn from it: objects the more often, and classes the surer, the better. */
function drawn(seed: number, worlds: number): SetAnswer {
  const rng = createRng(seed, 'calibrate');
  const samples: DetectionSample[] = [];
  for (let picture = 0; picture < worlds; picture++) {
    for (let k = 0; k < 4; k++) {
      const quality = rng.uniform() ** 0.5;
      const odds = 30 * rng.normal() * quality;
      const { detection, evidence } = answeredBox(quality, odds);
      const there = rng.uniform() < 1 / (1 + Math.exp(-14 * (quality - 0.45)));
      const right = rng.uniform() < 1 / (1 + Math.exp(-Math.abs(odds) / 6));
      const other = detection.class === 'box' ? 'cylinder' : 'box';
      const truth = !there ? 'unknown' : right ? detection.class : other;
      samples.push({ picture, camera: 'overview', detection, evidence, truth });
    }
  }
  const objects = samples.filter(({ truth }) => truth !== 'unknown').length;
  const found = samples.filter(({ truth, detection }) => truth === detection.class).length;
  return { worlds, pictures: worlds, objects, found, samples };
}

describe('calibration', () => {
  it('holds on worlds that it was not fitted on: error, coverage, and costs', () => {
    let inside = 0;
    const rounds = 2;
    for (let seed = 1; seed <= rounds; seed++) {
      const known = drawn(seed, 1200);
      const calibration = fitCalibration(known.samples, seed);
      expect(calibrationSchema.safeParse(calibration).success).toBe(true);
      const report = calibrationReport(
        calibration,
        drawn(100 + seed, 800),
        keptForQuantile(known.samples),
        seed,
        'x',
        20,
      );
      const say = `seed ${seed}: ${JSON.stringify(report.measured)}`;
      expect(report.measured.ece.value, say).toBeLessThan(0.03);
      expect(report.measured.ece.value, say).toBeLessThan(report.measured.ece_uncalibrated.value);
      expect(report.measured.brier.value, say).toBeLessThan(report.measured.brier_uncalibrated.value);
      const { policy_s, alone_s, always_accept_s, oracle_s } = report.cost;
      expect(oracle_s < policy_s && policy_s < alone_s && alone_s < always_accept_s, say).toBe(true);
      if (report.holds.coverage) inside++;
    }
    // Each is within its interval with a probability of 95 %.
    expect(inside).toBeGreaterThanOrEqual(rounds - 1);
  });

  it('covers more at a higher level, by larger sets', () => {
    const known = drawn(7, 900);
    const held = drawn(8, 600);
    const kept = keptForQuantile(known.samples);
    const at = (level: number) =>
      calibrationReport(fitCalibration(known.samples, 7, { ...DEFAULT_FIT, level }), held, kept, 7, 'x', 2).measured;
    const levels = [0.8, 0.9, 0.98].map(at);
    levels.slice(1).forEach((one, k) => {
      expect(one.coverage.value).toBeGreaterThan(levels[k].coverage.value);
    });
  });

  it('says the same of the same samples, and refuses too few', () => {
    const { samples } = drawn(9, 300);
    expect(fitCalibration(samples, 9)).toEqual(fitCalibration(samples, 9));
    expect(() => fitCalibration(samples.slice(0, 99), 9)).toThrow(InputError);
  });
});

describe('worlds to calibrate on', () => {
  it('are the same at once, in parts and from a file, and give samples of every truth', async () => {
    const set = new CalibrationSet(loadRobot('panda'), 5);
    const detectors = {
      as_put_up: new ClassicalDetector(),
      calibrated: new ClassicalDetector('', undefined, uncertaintyOf('calibrated')),
    };
    const [first, second] = [set.world(0), set.world(5)];
    expect([first[0].known, second[0].known]).toEqual(['as_put_up', 'calibrated']);
    const run = { detectors, worlds: 2, worldOf: (k: number) => (k === 0 ? first : second) };
    const { samples, pictures, objects } = await drawSamples(run);
    expect(pictures).toBe(4);
    expect(objects).toBeGreaterThan(0);
    expect(samples.some(({ truth, detection }) => truth === detection.class)).toBe(true);
    const of = { model: 'classical', model_sha256: '', seed: 5, check_seed: 6 };
    const half = await drawSamples({ ...run, worlds: 1 });
    const text = samplesText(of, { fitted: half, held: NOTHING_DRAWN });
    const before = parseSamples(text, 'samples.json', of);
    const whole = await drawSamples({ ...run, ...(before === null ? {} : { before: before.fitted }) });
    expect(samplesAsText(whole.samples)).toBe(samplesAsText(samples));
    expect(whole).toMatchObject({ worlds: 2, pictures, objects });
    for (const other of [{ seed: 6 }, { model_sha256: 'a' }, { check_seed: 7 }])
      expect(parseSamples(text, 'samples.json', { ...of, ...other })).toBeNull();
    for (const spoilt of ['{', '{}', text.replace('"truth":"', '"truth":"x')])
      expect(() => parseSamples(spoilt, 'samples.json', of)).toThrow(InputError);
  }, 60_000);

  it('measure what routing saves: of a fast detector that is always in doubt nothing, of one that never is, all', async () => {
    const calibration = fitCalibration(drawn(3, 600).samples, 3);
    const inquiries: readonly Inquiry[] = ['ask_full', 'look_again', 'escalate'];
    const set = new CalibrationSet(loadRobot('panda'), 6);
    const worlds = [set.world(0)];
    for (const [quality, asked] of [
      [0.68, 1],
      [1, 0],
    ] as const) {
      let now_s = 0;
      const of = (name: string, time_s: number) =>
        new AnsweringDetector(name, () => {
          now_s += time_s;
          return [answeredBox(quality)];
        });
      const fast = new ConfidentDetector(of('fast', 0.002), { own: calibration, classical: null, inquiries });
      const run = { fast, full: of('full', 0.02), costs: DEFAULT_COSTS, deadline_s: 0, stopwatch: () => now_s };
      const report = await evaluateRouting({ ...run, worlds: 1, worldOf: (k) => worlds[k] });
      expect(report.asked, `quality ${quality}`).toBe(asked);
      expect(report.saving).toBeCloseTo(asked === 1 ? -0.1 : 0.9, 9);
    }
  }, 60_000);
});
