import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { ArmDynamics } from '../../control/index.ts';
import { loadRobot, type Robot, withPayload } from '../../robots/index.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { type RestSample, rewire, type Wiring } from '../wiring.ts';
import { judgePayload } from './payload.ts';

const PANDA = loadRobot('panda', { visualMeshes: false });
const N = PANDA.arm_joints;

/** What an arm with this load, wired like this, reports at rest in six poses. */
function rest(truly: Robot, wiring: Wiring = { kind: 'as_described' }, noise_Nm = 0.15): RestSample[] {
  const rng = createRng(3, 'payload_stage');
  const arm = new ArmDynamics(truly);
  return Array.from({ length: 6 }, () => {
    const q = PANDA.home_q.map((home, i) => (i < N ? home + rng.range(-0.4, 0.4) : home));
    arm.update(q, new Float64Array(PANDA.model.nq));
    const effort = arm.bias.slice(0, N).map((tau) => tau + noise_Nm * rng.normal());
    return { position: rewire(wiring, q.slice(0, N)), effort: rewire(wiring, effort) };
  });
}

const judge = (samples: RestSample[], payload_kg = 0) =>
  judgePayload(samples, { robot: PANDA, settings: { ...DEFAULT_SETTINGS, payload_kg } });
const text = (outcome: ReturnType<typeof judge>) => outcome.findings.map(({ what }) => what).join(' ');

describe('payload stage', () => {
  it('passes a load that was told, and weighs it', () => {
    expect(judge(rest(PANDA)).verdict).toBe('passed');
    const loaded = judge(rest(withPayload(PANDA, { mass_kg: 0.8 })), 0.8);
    expect(loaded.verdict).toBe('passed');
    expect(Math.abs(Number(loaded.measurements.extra_mass_kg))).toBeLessThan(0.15);
  });

  it('names a load of one kilogram too much, and one that was told and is not there', () => {
    const more = judge(rest(withPayload(PANDA, { mass_kg: 1 })));
    expect(more.verdict).toBe('failed');
    expect(text(more)).toMatch(/carries (0\.9|1\.0)\d ± 0\.\d\d kg more than the 0 kg/);
    const less = judge(rest(PANDA), 1);
    expect(less.verdict).toBe('failed');
    expect(text(less)).toMatch(/less than the 1 kg/);
  });

  it('names wiring that the pose of the first stage could not tell', () => {
    const outcome = judge(rest(PANDA, { kind: 'inverted', joint: 4 }, 0.02));
    expect(outcome.verdict).toBe('failed');
    expect(text(outcome)).toContain('panda_joint5 counts the wrong way round');
  });

  it('does not apply to an arm that reports no torques', () => {
    const silent = rest(PANDA).map(({ position }) => ({ position, effort: new Float64Array(N).fill(Number.NaN) }));
    expect(judge(silent).verdict).toBe('not_applicable');
  });
});
