import { describe, expect, it } from 'vitest';
import { createRng, detections as detectionsSchema, InputError } from '../contracts/index.ts';
import { type Answered, AnsweringDetector, answeredBox, smallFrame } from '../test/support/answering_detector.ts';
import { DEFAULT_COSTS, DETECTION_FEATURES, featuresOf, fitLogistic, sigmoid } from './confidence/index.ts';
import { ConfidentDetector } from './confident_detector.ts';
import type { Calibration } from './models/index.ts';

/** Detections of every quality, right more often the better they are; a calibration fitted to them. */
function fitted(quantile = 0.2): Calibration {
  const rng = createRng(61, 'confident');
  const drawn = Array.from({ length: 3000 }, () => {
    const quality = rng.uniform();
    const { detection, evidence } = answeredBox(quality, -40 * rng.uniform());
    return { x: featuresOf(detection, evidence), right: rng.uniform() < sigmoid(12 * (quality - 0.4)) };
  });
  const odds = fitLogistic(
    drawn.map(({ x }) => x),
    drawn.map(({ right }) => right),
  );
  return {
    fitted_on: { set: 'drawn', seed: 61, objects: drawn.length },
    object: { features: [...DETECTION_FEATURES], ...odds },
    ...{ temperature: 2, conformal: { level: 0.95, quantile }, costs: {}, thresholds: {} },
  };
}

async function ask(answered: readonly Answered[], calibration = fitted(), source: 'onnx' | 'classical' = 'onnx') {
  const inner = new AnsweringDetector('inner', () => answered, source);
  const detector = new ConfidentDetector(inner, { own: calibration, classical: null });
  const found = await detector.detect(smallFrame());
  return { inner, detector, found };
}

describe('confident detector', () => {
  it('accepts what is seen well, and says why it does not accept the rest', async () => {
    const { found } = await ask([1, 0.6, 0.4, 0].map((quality) => answeredBox(quality)));
    const [best, fair, poor, worst] = found.detections;
    expect(best.confidence).toMatchObject({ verdict: 'accept', reason: '', possible: ['box'] });
    expect(best.score).toBeGreaterThan(0.95);
    for (const one of [fair, poor, worst]) {
      expect(one.confidence?.verdict).not.toBe('accept');
      expect(one.confidence?.reason).toMatch(/^a box with a probability of 0\.\d{3}, taken from 0\.\d{3} on/);
    }
    expect(worst.confidence?.possible).toEqual(['unknown']);
    expect(worst.confidence?.reason).toContain('it may be none of these');
    expect(fair.score).toBeGreaterThan(poor.score);
    expect(poor.score).toBeGreaterThan(worst.score);
    expect(detectionsSchema.safeParse(found).success).toBe(true);
  });

  it('never changes class, pose, order or number of what is detected', async () => {
    const rng = createRng(62, 'same');
    const answered = Array.from({ length: 200 }, () => answeredBox(rng.uniform(), 60 * rng.normal()));
    const { found } = await ask(answered);
    found.detections.forEach((one, k) => {
      const { score, confidence, ...rest } = one;
      const { score: _, ...before } = answered[k].detection;
      expect(rest).toEqual(before);
      expect(score >= 0 && score <= 1 && confidence !== undefined).toBe(true);
    });
  });

  it('names both classes where the outline does not tell them apart', async () => {
    const { found } = await ask([answeredBox(1, -0.5)], fitted(0.9));
    const { possible, reason, verdict } = found.detections[0].confidence ?? expect.fail('no confidence');
    expect(possible.slice(0, 2)).toEqual(['box', 'cylinder']);
    expect(verdict).toBe('look_again');
    expect(reason).toContain('a cylinder');
  });

  it('says nothing of what it has no calibration for', async () => {
    const { detection, evidence } = answeredBox(0.9);
    const inner = new AnsweringDetector('inner', () => [{ detection, evidence }], 'onnx');
    const standIn = new ConfidentDetector(inner, { own: fitted(), classical: null });
    Object.assign(inner, { source: 'classical' });
    expect((await standIn.detect(smallFrame())).detections).toEqual([detection]);
  });

  it('shows what the detector in it shows, and closes it', async () => {
    const { inner, detector } = await ask([answeredBox(1)]);
    expect(detector).toMatchObject({ source: 'onnx', model: 'inner', model_sha256: null, degraded_reason: '' });
    expect([detector.masks, detector.evidence, detector.timing]).toEqual([inner.masks, inner.evidence, inner.timing]);
    await detector.close();
    expect(inner.closed).toBe(true);
  });

  it('refuses calibrations that are not of its features, and costs that are none', () => {
    const inner = new AnsweringDetector('inner', () => []);
    const { object, ...rest } = fitted();
    if (object === undefined) return expect.fail('no odds');
    for (const own of [
      rest,
      { ...rest, object: { ...object, features: object.features.slice(1) } },
      { ...rest, object: { ...object, weights: [1] } },
      { ...rest, object: { ...object, scales: object.scales.map(() => 0) } },
      { ...rest, object, costs: { ...DEFAULT_COSTS, skip_s: -1 } },
      { ...rest, object, costs: { wrong_pick_s: 1 } },
    ]) {
      expect(() => new ConfidentDetector(inner, { own, classical: null })).toThrow(InputError);
    }
  });
});
