import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../contracts/index.ts';
import { ArmDynamics } from '../control/index.ts';
import { loadRobot } from '../robots/index.ts';
import { describeWiring, type RestSample, rewire, UNEXPLAINED, type Wiring, WiringCheck } from './wiring.ts';

const PANDA = loadRobot('panda', { visualMeshes: false });
const N = PANDA.arm_joints;
const NAMES = PANDA.model.joint_names;
const DESCRIBED: Wiring = { kind: 'as_described' };
const check = new WiringCheck(PANDA);

/** What the driver of an arm wired like this reports at rest, with torque sensors that are off by up to `noise_Nm`. */
function report(wiring: Wiring, truly: Float64Array, rng: Rng, noise_Nm: number): RestSample {
  const arm = new ArmDynamics(PANDA);
  const q = PANDA.home_q.slice();
  q.set(truly.subarray(0, N));
  arm.update(q, new Float64Array(PANDA.model.nq));
  const torque = arm.bias.slice(0, N).map((tau) => tau + noise_Nm * (2 * rng.uniform() - 1));
  return { position: rewire(wiring, truly.slice(0, N)), effort: rewire(wiring, torque) };
}

/** Poses away from the joints' limits in which no axis is upright but the first. */
function poses(rng: Rng, count: number): Float64Array[] {
  const { position_lower, position_upper } = PANDA.limits;
  return Array.from({ length: count }, () =>
    position_lower.slice(0, N).map((lower, i) => lower + (position_upper[i] - lower) * (0.2 + 0.6 * rng.uniform())),
  );
}

const same = (a: Wiring, b: Wiring) => JSON.stringify(a) === JSON.stringify(b);

describe('wiring by weight', () => {
  it('takes a sound arm for what it is, at home and anywhere', () => {
    const rng = createRng(5, 'wiring');
    expect(check.judge([report(DESCRIBED, PANDA.home_q, rng, 0.5)]).wiring).toEqual(DESCRIBED);
    for (let k = 0; k < 50; k++) {
      const samples = poses(rng, 1 + (k % 3)).map((q) => report(DESCRIBED, q, rng, 0.4));
      const { wiring, misfit } = check.judge(samples);
      expect(wiring, `case ${k}`).toEqual(DESCRIBED);
      expect(misfit, `case ${k}`).toBeLessThan(UNEXPLAINED);
    }
  });

  it('names swapped and inverted joints, or says that these poses cannot tell', () => {
    const rng = createRng(6, 'wiring');
    let told = 0;
    let cases = 0;
    for (let a = 0; a < N; a++) {
      for (let b = a; b < N; b++) {
        const wiring: Wiring = a === b ? { kind: 'inverted', joint: a } : { kind: 'swapped', joints: [a, b] };
        const samples = poses(rng, 6).map((q) => report(wiring, q, rng, 0.1));
        const verdict = check.judge(samples);
        cases++;
        if (same(verdict.wiring, wiring)) told++;
        else {
          // Two wirings that look alike may be taken for each other; none may pass for a sound arm unsaid.
          const { misfit, untold } = verdict;
          const sound = verdict.wiring.kind === 'as_described' && misfit < UNEXPLAINED;
          const unsaid = sound && !untold.some((other) => same(other, wiring));
          expect(unsaid, describeWiring(wiring, NAMES)).toBe(false);
        }
      }
    }
    expect(told).toBeGreaterThan(0.8 * cases);
  });

  it('finds at home what weight shows there, and lists the rest', () => {
    const rng = createRng(7, 'wiring');
    const home = (wiring: Wiring) => check.judge([report(wiring, PANDA.home_q, rng, 0.3)]);
    expect(home({ kind: 'inverted', joint: 3 }).wiring).toEqual({ kind: 'inverted', joint: 3 });
    expect(home({ kind: 'swapped', joints: [1, 3] }).wiring).toEqual({ kind: 'swapped', joints: [1, 3] });
    const { untold } = home(DESCRIBED);
    expect(untold.map((wiring) => describeWiring(wiring, NAMES))).toContain('panda_joint1 counts the wrong way round');
    expect(untold.some((wiring) => same(wiring, { kind: 'inverted', joint: 3 }))).toBe(false);
  });
});
