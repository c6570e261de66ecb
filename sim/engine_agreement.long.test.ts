import { beforeAll, expect, it } from 'vitest';
import { engineAgreement } from '../test/support/engine_agreement.ts';
import { prepareEngine } from './engines.ts';

beforeAll(() => prepareEngine('mujoco'));

it('of 100 pushes, grasps and placements at least 70 are well-posed, and 95 % of these end within 5 mm and 2°', () => {
  const result = engineAgreement(['cannon', 'mujoco'], 4, 100);
  process.stderr.write(`cannon against MuJoCo: ${JSON.stringify(result)}\n`);
  expect(result.counted, JSON.stringify(result)).toBeGreaterThanOrEqual(70);
  expect(result.agreed / result.counted, result.differing.join('\n')).toBeGreaterThanOrEqual(0.95);
});
