import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { nearest, roughDistance, sampledDistance, segmentAt } from '../../test/support/approach.ts';
import { type ApproachOptions, ApproachRun } from '../../test/support/approach_run.ts';
import { sweep } from '../../test/support/sweep.ts';

const PANDA = loadRobot('panda', { visualMeshes: false });

function approaches(count: number, seed: number, options: ApproachOptions): ApproachRun {
  const run = new ApproachRun(PANDA, createRng(seed, 'approaches'), options);
  for (let i = 0; i < count; i++) run.trial(i);
  return run;
}

describe('bodies that approach an arm which is driven without regard to them', () => {
  it('touch it only where it stands still, whatever they do within their bounds', () => {
    const count = sweep(20, 60);
    const { tally } = approaches(count, 1, { contact_speed_m_per_s: 0 });
    expect(tally.moving_contacts).toBe(0);
    expect(tally.out_of_bounds).toBe(0);
    expect(tally.contacts).toBeGreaterThan(count / 3);
    // It did move, and was stopped for them.
    expect(tally.moved_rad).toBeGreaterThan(count / 3);
    expect(tally.stopped).toBeGreaterThan(count / 3);
  });

  it('touch it no faster than the contact speed where one is allowed', () => {
    const { tally } = approaches(sweep(18, 40), 2, { contact_speed_m_per_s: 0.2 });
    expect(tally.moving_contacts).toBeGreaterThan(sweep(1, 3));
    expect(tally.fastest).toBeLessThanOrEqual(0.2 + 1e-6);
    expect(tally.out_of_bounds).toBe(0);
  });

  it('find it stopping when they come faster, or are told of later, than their bounds', () => {
    for (const beyond of [{ speed: 2.5 }, { delay: 3 }]) {
      const run = approaches(sweep(8, 25), 3, { contact_speed_m_per_s: 0, ...beyond });
      expect(run.unstopped, JSON.stringify(beyond)).toBe(0);
    }
    expect(approaches(12, 4, { contact_speed_m_per_s: 0, speed: 2.5 }).tally.out_of_bounds).toBeGreaterThan(0);
  });

  it('are seen to touch a moving arm by the judge where the gate is not told of them', () => {
    const { tally } = approaches(sweep(18, 30), 5, { contact_speed_m_per_s: 0, told: false });
    expect(tally.moving_contacts).toBeGreaterThan(sweep(2, 4));
    expect(tally.fastest).toBeGreaterThan(0.3);
  });
});

describe('the judge of approaches', () => {
  it('passes over no pair that touches', () => {
    const rng = createRng(6, 'pairs');
    const capsule = () => {
      const turn = rng.range(-Math.PI, Math.PI);
      const z = rng.range(-1, 1);
      const flat = Math.sqrt(1 - z * z);
      const centre: [number, number, number] = [rng.range(-0.5, 0.5), rng.range(-0.5, 0.5), rng.range(-0.5, 0.5)];
      const axis: [number, number, number] = [flat * Math.cos(turn), flat * Math.sin(turn), z];
      return segmentAt(centre, axis, rng.uniform() < 0.2 ? 0 : rng.range(0, 0.8), rng.range(0.02, 0.2));
    };
    for (let i = 0; i < 3000; i++) {
      const [p, q] = [capsule(), capsule()];
      const { distance } = nearest(p, q);
      const label = JSON.stringify({ i, p, q });
      expect(Math.max(roughDistance(p, q), sampledDistance(p, q)), label).toBeLessThanOrEqual(distance + 1e-9);
    }
  });
});
