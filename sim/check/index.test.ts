import { beforeAll, describe, expect, it } from 'vitest';
import { createEngine, ENGINE_NAMES, prepareEngine } from '../engines.ts';
import { LAWS, physicsChecks } from './index.ts';

/** The shipped step; the others are in the long form. */
const DT_S = 0.002;

describe.each(ENGINE_NAMES)('%s obeys the law of', (engine) => {
  beforeAll(() => prepareEngine(engine));

  it.each(LAWS)('%s', (_, law) => {
    const checks = law({
      engine,
      create: (robot, scene, options) => createEngine(engine, robot, scene, options),
      dt_s: DT_S,
      thorough: false,
    });
    expect(checks.length).toBeGreaterThan(0);
    expect(checks.filter(({ pass }) => !pass)).toEqual([]);
    for (const { name, expected, measured, tolerance, pass } of checks) {
      expect(pass, name).toBe(Math.abs(measured - expected) <= tolerance);
      expect(Number.isFinite(measured), name).toBe(true);
    }
    expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
  });
});

describe('checks', () => {
  it('an engine that fails half-way is told of, not passed over', () => {
    const create = () => {
      throw new RangeError('no such world');
    };
    expect(() => physicsChecks({ engine: 'none', create, dt_s: DT_S, thorough: false })).toThrow('no such world');
  });
});
