import { beforeAll, describe, expect, it } from 'vitest';
import { createEngine, ENGINE_NAMES, prepareEngine } from '../engines.ts';
import { LAWS } from './index.ts';

describe.each(ENGINE_NAMES)('%s obeys in every case the law of', (engine) => {
  beforeAll(() => prepareEngine(engine));

  it.each(LAWS.flatMap(([name, law]) => [0.002, 0.001].map((dt_s) => [name, dt_s, law] as const)))(
    '%s at %d s',
    (_, dt_s, law) => {
      const checks = law({
        engine,
        create: (robot, scene, options) => createEngine(engine, robot, scene, options),
        dt_s,
        thorough: true,
      });
      expect(checks.filter(({ pass }) => !pass)).toEqual([]);
    },
  );
});
