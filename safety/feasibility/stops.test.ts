import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { type Envelope, envelopeForRobot } from '../envelope.ts';
import { JointGuard } from '../joint_guard.ts';
import type { Findings } from './report.ts';
import { checkStops } from './stops.ts';

type JointEnvelope = Envelope['joints'][number];
const JOINTS = envelopeForRobot(loadRobot('panda')).joints;
const HZ = 500;

const none = (): Findings => ({ errors: [], warnings: [] });

function guardOf(joint: JointEnvelope, hz = HZ): JointGuard {
  return new JointGuard(
    {
      position_lower: joint.position_lower_rad,
      position_upper: joint.position_upper_rad,
      velocity: joint.velocity_rad_per_s,
      acceleration: joint.acceleration_rad_per_s2,
      jerk: joint.jerk_rad_per_s3,
    },
    hz,
  );
}

/** Cycles and distance of the guard's stop. */
function stop(guard: JointGuard): [cycles: number, distance: number] {
  const from = guard.p;
  let cycles = 0;
  for (; !guard.atRest && cycles < 100_000; cycles++) {
    guard.proposeStop();
    guard.commit();
  }
  return [cycles, Math.abs(guard.p - from)];
}

describe('stops of an envelope', () => {
  it('are no shorter than any the gate makes', () => {
    const rng = createRng(52);
    JOINTS.forEach((joint, i) => {
      const findings = none();
      const report = checkStops(joint, i, HZ, findings);
      expect(findings).toEqual(none());
      let longest = 0;
      let farthest = 0;
      for (let round = 0; round < 60; round++) {
        const guard = guardOf(joint);
        guard.reset(rng.uniform() < 0.5 ? joint.position_lower_rad : joint.position_upper_rad);
        const sign = guard.p > joint.position_lower_rad ? -1 : 1;
        const command = Float64Array.of(sign * joint.velocity_rad_per_s);
        const cycles = 20 + rng.int(300);
        for (let k = 0; k < cycles; k++) {
          guard.proposeTowardsVelocity(command, 0);
          guard.commit();
        }
        const [taken, distance] = stop(guard);
        longest = Math.max(longest, taken);
        farthest = Math.max(farthest, distance);
      }
      expect(longest).toBeLessThanOrEqual(report.cycles);
      expect(longest).toBeGreaterThanOrEqual(report.cycles - 3);
      expect(farthest).toBeLessThanOrEqual(report.stop_distance_rad + 1e-9);
      expect(farthest).toBeGreaterThan(0.95 * report.stop_distance_rad);
      expect(report.stop_time_s).toBe(report.cycles / HZ);
    });
  });

  it('in a narrow range bound the speed, as the gate does', () => {
    for (const range of [0.001, 0.02, 0.2, 0.5]) {
      const joint = { ...JOINTS[1], position_lower_rad: 0, position_upper_rad: range };
      const findings = none();
      const { usable_velocity_rad_per_s: usable } = checkStops(joint, 1, HZ, findings);
      expect(findings.errors).toEqual([]);
      expect(findings.warnings.map(({ place }) => place)).toEqual(['joints.1.velocity_rad_per_s']);
      const guard = guardOf(joint);
      guard.reset(0);
      let fastest = 0;
      for (let k = 0; k < 2000; k++) {
        guard.proposeTowardsPosition(Float64Array.of(range), 0);
        guard.commit();
        fastest = Math.max(fastest, guard.v);
      }
      expect(guard.p).toBeCloseTo(range, 9);
      expect(fastest, `range ${range}`).toBeLessThanOrEqual(usable * 1.02);
      expect(fastest, `range ${range}`).toBeGreaterThan(0.6 * usable);
    }
  });

  it('exist from the corners of every envelope with room for rounding', () => {
    const rng = createRng(53);
    for (let round = 0; round < 400; round++) {
      const hz = [250, 500, 1000][round % 3];
      const joint = {
        ...JOINTS[0],
        velocity_rad_per_s: 10 ** rng.range(-2, 1),
        acceleration_rad_per_s2: 10 ** rng.range(-0.5, 3),
        jerk_rad_per_s3: Math.max(4e-8 * hz ** 3, 10 ** rng.range(0, 6)),
      };
      const findings = none();
      const { stop_time_s } = checkStops(joint, 0, hz, findings);
      const label = JSON.stringify({ ...joint, hz });
      if (stop_time_s <= 10) expect(findings.errors, label).toEqual([]);
      else expect(findings.errors[0].reason, label).toMatch(/no stop exists .* longer than 10 s/);
    }
  });
});
