import { describe, expect, it } from 'vitest';
import { plainArm } from '../../test/support/plain_arm.ts';
import { StatePlausibilityMonitor } from './state_plausibility.ts';

const { limits, arm_joints: N } = plainArm();
const names = Array.from({ length: N }, (_, i) => `joint${i + 1}`);

/**
 * A swing of the first joint as the arm reports it every 10 ms, spoilt by `spoil`, stamped `late_s` after its time; what is
 * found by a monitor that is told of so much jitter.
 */
function swing(
  spoil: (t_s: number, p: Float64Array, v: Float64Array, effort: Float64Array) => void,
  jitter_s = 0,
  late_s: (k: number) => number = () => 0,
) {
  const monitor = new StatePlausibilityMonitor(limits, N, jitter_s);
  for (let k = 0; k < 300; k++) {
    const t_s = 0.01 * k;
    const [position, velocity, effort] = [new Float64Array(N), new Float64Array(N), new Float64Array(N)];
    position[3] = -1;
    position[5] = 1;
    position[0] = 0.4 * Math.sin(3 * t_s);
    velocity[0] = 1.2 * Math.cos(3 * t_s);
    spoil(t_s, position, velocity, effort);
    const stamp_ns = BigInt(k) * 10_000_000n + BigInt(Math.round(1e9 * late_s(k)));
    monitor.hear({ stamp_ns, names, position, velocity, effort }, t_s);
    const finding = monitor.look(t_s);
    if (finding !== null) return { at_s: t_s, detail: finding.detail };
  }
  return null;
}

describe('the monitor of plausible states', () => {
  it('finds nothing in a motion as it is', () => {
    expect(swing(() => {})).toBeNull();
  });

  it('bears stamps that a busy machine makes late, and finds a frozen encoder all the same', () => {
    const stalls = (k: number) => (k % 20 < 2 ? 0.018 - 0.009 * (k % 20) : 0);
    expect(swing(() => {}, 0, stalls)).not.toBeNull();
    expect(swing(() => {}, 0.02, stalls)).toBeNull();
    const frozen = swing((t, p) => void (t > 1 && p.set([0.4 * Math.sin(3)])), 0.02, stalls);
    expect(frozen?.detail).toMatch(/joint1 moves by .* other than it reports/);
  });

  it.each<[string, Parameters<typeof swing>[0], RegExp]>([
    ['a frozen encoder', (t, p) => t > 1 && p.set([0.4 * Math.sin(3)]), /joint1 moves by .* other than it reports/],
    ['a velocity that is not the joint’s', (t, _, v) => t > 1 && v.fill(0.5, 6), /joint7 moves by -0.\d+ rad/],
    ['NaN', (t, p) => t > 1 && p.fill(Number.NaN, 1, 2), /joint2 reports what is no number/],
    [
      'a position no joint can have',
      (t, p) => t > 1 && p.fill(3.5, 0, 1),
      /joint1 at 3.500 rad, within -2.8973 to 2.8973/,
    ],
    ['an effort no joint can have', (t, _p, _v, e) => t > 1 && e.fill(-120, 1, 2), /joint2 reports -120.0 Nm/],
  ])('finds %s within 0.1 s', (_, spoil, says) => {
    const found = swing((...state) => void spoil(...state));
    expect(found?.detail).toMatch(says);
    expect(found?.at_s).toBeGreaterThan(1);
    expect(found?.at_s).toBeLessThan(1.15);
  });
});
