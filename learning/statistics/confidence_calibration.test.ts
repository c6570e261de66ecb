import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { confidenceCalibration } from './confidence_calibration.ts';

describe('calibration of a confidence', () => {
  const draw = (shift: number, seed: number) => {
    const rng = createRng(seed, 'confidence');
    return Array.from({ length: 2000 }, () => {
      const confidence = rng.range(0.05, 0.75);
      return { confidence: confidence + shift, success: rng.range(0, 1) < confidence };
    });
  };

  it('is small where outcomes follow it, and as large as it is off elsewhere, inside the interval', () => {
    const honest = confidenceCalibration(draw(0, 1), createRng(0));
    const boastful = confidenceCalibration(draw(0.2, 2), createRng(0));
    expect(honest.error).toBeLessThan(0.05);
    expect(boastful.interval[0]).toBeLessThan(0.2);
    expect(boastful.interval[1]).toBeGreaterThan(0.2);
    expect(boastful.brier).toBeGreaterThan(honest.brier);
    expect(honest.bins.reduce((sum, { episodes }) => sum + episodes, 0)).toBe(2000);
  });

  it('is 0 for who is certain and right, 1 for who is certain and wrong; refuses what is none', () => {
    const all = (confidence: number, success: boolean) =>
      confidenceCalibration(new Array(20).fill({ confidence, success }), createRng(0)).error;
    expect(all(1, true)).toBe(0);
    expect(all(0, false)).toBe(0);
    expect(all(1, false)).toBe(1);
    expect(() => confidenceCalibration([], createRng(0))).toThrow('0 episodes');
    expect(() => all(1.2, true)).toThrow('confidence 1.2 of episode 0');
  });
});
