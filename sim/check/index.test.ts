import { beforeAll, describe, expect, it } from 'vitest';
import { InvalidStateError } from '../engine.ts';
import { createEngine, ENGINE_NAMES, prepareEngine } from '../engines.ts';
import type { EngineFactory } from './check.ts';
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
  it('a world that is no longer finite fails every law that needs it, by name, and the others go on', () => {
    const create: EngineFactory = (robot, scene, options) => {
      const engine = createEngine('cannon', robot, scene, options);
      engine.step = () => {
        throw new InvalidStateError('step 0: object 0 position is NaN');
      };
      return engine;
    };
    const told: number[] = [];
    const checks = physicsChecks({ engine: 'cannon', create, dt_s: DT_S, thorough: false }, (done) => told.push(done));
    expect(told.at(-1)).toBe(LAWS.length);
    expect(checks.length).toBe(LAWS.length);
    for (const { name, pass } of checks) {
      expect(pass).toBe(false);
      expect(name).toMatch(/object 0 position is NaN/);
    }
  });

  it('any other failure is thrown', () => {
    const create = () => {
      throw new RangeError('no such world');
    };
    expect(() => physicsChecks({ engine: 'none', create, dt_s: DT_S, thorough: false })).toThrow('no such world');
  });
});
