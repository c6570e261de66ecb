import { expect, it } from 'vitest';
import { loadRobot } from '../robots/index.ts';
import { envelopeForRobot, parseEnvelope } from '../safety/index.ts';
import { limitedEnvelope } from './limited_envelope.ts';

it('takes speed away and nothing else', () => {
  const own = envelopeForRobot(loadRobot('panda', { visualMeshes: false }));
  expect(limitedEnvelope(own, Number.POSITIVE_INFINITY, 1)).toEqual(own);
  const limited = parseEnvelope(limitedEnvelope(own, 0.05, 0.25));
  expect(limited.tool).toEqual({ ...own.tool, speed_m_per_s: 0.05 });
  limited.joints.forEach((joint, i) => {
    const velocity_rad_per_s = 0.25 * own.joints[i].velocity_rad_per_s;
    expect(joint).toEqual({ ...own.joints[i], velocity_rad_per_s });
  });
  const slow = { ...own, tool: { ...own.tool, speed_m_per_s: 0.01 } };
  expect(limitedEnvelope(slow, 0.05, 1).tool.speed_m_per_s).toBe(0.01);
});
