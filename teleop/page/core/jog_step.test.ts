import { describe, expect, it } from 'vitest';
import { JogStep } from './jog_step.ts';

const at = (x: number, q = 0) => ({
  q: [q, 0],
  tool: { pose: { position: [x, 0, 0] as const, orientation: [0, 0, 0, 1] as const }, speed_m_s: 0 },
});
const SIZE = { linear_m: 0.005, angular_rad: 0.05 };
const SPEED = { linear_m_s: 0.1, angular_rad_s: 0.5 };

describe('a step', () => {
  it('goes on until the tool went its size, ever slower, and then is done', () => {
    const step = new JogStep();
    step.begin(at(1));
    const shares = Array.from({ length: 12 }, (_, i) => step.share(at(1 - 0.0005 * i), 'tool', SIZE, SPEED));
    for (let i = 1; i < shares.length; i++) expect(shares[i]).toBeLessThanOrEqual(shares[i - 1]);
    expect(shares.indexOf(0)).toBe(10);
    expect(shares[9]).toBeGreaterThan(0);
  });

  it('of a joint is measured at the joint, wherever the tool goes', () => {
    const step = new JogStep();
    step.begin(at(0, 1));
    expect(step.share(at(0.2, 1.01), 'joints', SIZE, SPEED)).toBeGreaterThan(0);
    expect(step.share(at(0.2, 1.06), 'joints', SIZE, SPEED)).toBe(0);
  });

  it('is none before it has begun, and none where nobody knows where the tool is', () => {
    const step = new JogStep();
    expect(step.share(at(0), 'tool', SIZE, SPEED)).toBe(0);
    step.begin({ q: [0, 0], tool: null });
    expect(step.share(at(0), 'tool', SIZE, SPEED)).toBe(0);
  });

  it.each([
    [0.04, false],
    [0.06, true],
  ])('turns the tool by its angle: %f rad', (angle, done) => {
    const step = new JogStep();
    step.begin(at(0));
    const turned = at(0);
    const pose = { ...turned.tool.pose, orientation: [0, 0, Math.sin(angle / 2), Math.cos(angle / 2)] as const };
    expect(step.share({ ...turned, tool: { pose, speed_m_s: 0 } }, 'tool', SIZE, SPEED) === 0).toBe(done);
  });
});
