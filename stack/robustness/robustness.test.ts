import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { DISTURBANCES } from '../../sim/index.ts';
import type { PlayedEpisode, PlayedPolicy } from '../learned/index.ts';
import { measureRobustness, robustnessFactors } from './robustness.ts';
import { robustnessPage } from './robustness_report.ts';

const SETTING = { task: 'pick-place', engine: 'cannon', randomize: 'none', objects: 'all', seed: 3 } as const;

/** A policy that fails the more often the stronger the disturbance, by its own luck in each world. */
function frail(disturb: string | null): PlayedPolicy {
  const strength = Number(disturb?.split(':')[1] ?? 0);
  const play = async (first: number, episodes: number): Promise<readonly PlayedEpisode[]> =>
    Array.from({ length: episodes }, (_, k) => {
      const success = createRng(first + k, 'luck').range(0, 1) > strength;
      return {
        ...{ episode: first + k, success, stage: success ? '' : 'grasp', reason: success ? '' : 'slipped' },
        ...{ time_s: 5, interventions: 0, roughness: null, confidence: null, asked: false, picture: null },
        disturbed: success ? [] : [{ kind: 'push', time_s: 1 }],
      };
    });
  return { name: 'frail', model_sha256: null, play };
}

const measure = (list: string, signal?: AbortSignal, onPoint = () => {}) =>
  measureRobustness({ open: frail, factors: robustnessFactors(list, true), first: 7, episodes: 300 }, onPoint, signal);

describe('the robustness suite', () => {
  test('a curve begins undisturbed, goes through the strengths of the suite, and falls as they grow', async () => {
    const { baseline, curves } = await measure('light,texture');
    expect(baseline).toMatchObject({ strength: 0, success_rate: 1, change: null });
    expect(curves.map(({ factor }) => factor)).toEqual(['light', 'texture']);
    for (const { factor, points } of curves) {
      expect(points.map(({ strength }) => strength)).toEqual([0, ...DISTURBANCES[factor].suite]);
      for (const [k, point] of points.entries()) {
        const [low, high] = point.wilson95;
        expect(low).toBeLessThanOrEqual(1 - point.strength);
        expect(high).toBeGreaterThanOrEqual(1 - point.strength);
        if (k === 0) continue;
        expect(point.success_rate).toBeLessThanOrEqual(points[k - 1].success_rate);
        expect(point.change?.difference).toBeCloseTo(point.success_rate - 1, 12);
        expect(point.failures.grasp ?? 0).toBe(300 - point.successes);
      }
    }
  });

  test('of pushes and slips it says in how many episodes they came about', async () => {
    const { curves } = await measure('push,calibration');
    for (const { came_about, episodes, successes } of curves[0].points.slice(1))
      expect(came_about).toBe(episodes - successes);
    expect(curves[1].points.every(({ came_about }) => came_about === null)).toBe(true);
  });

  test('interrupted, it keeps whole points alone', async () => {
    const abort = new AbortController();
    let points = 0;
    const found = await measure('push,light', abort.signal, () => {
      if (++points === 3) abort.abort();
    });
    expect(found.interrupted).toBe(true);
    expect(found.curves.map(({ points: all }) => all.length)).toEqual([3]);
  });

  test('factors: all that concern a policy but mixtures; unknown ones and pictures it does not see are named', () => {
    expect(robustnessFactors(null, true)).toContain('texture');
    expect(robustnessFactors(null, true)).not.toContain('push-or-slip');
    expect(robustnessFactors(null, false)).toEqual(['push', 'slip', 'command-delay', 'calibration', 'distractors']);
    expect(() => robustnessFactors('push,wind', true)).toThrow(/^factor "wind": push, slip/);
    expect(() => robustnessFactors('light', false)).toThrow(/^factor light of a policy that sees no pictures/);
  });

  test('the page carries every point, and what it is given is text in it', async () => {
    const found = { ...(await measure('light')), policy: '<b>frail</b>' };
    const page = robustnessPage(found, SETTING);
    expect(page).not.toContain('<b>frail</b>');
    for (const { successes } of found.curves[0].points) expect(page).toContain(`${successes} of 300`);
  });
});
