import { expect } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { ArmDynamics, CartesianImpedance } from '../../control/index.ts';
import { multiplyMatrices, rotationLog } from '../../dynamics/index.ts';
import { PANDA } from './sim_rig.ts';
import { TorqueRig } from './torque_rig.ts';

const N = PANDA.arm_joints;

/** Way of the tool from one pose to another, base axes: m and rotation vector. */
export function way(from: Float64Array, to: Float64Array): Float64Array {
  const out = new Float64Array(6);
  const turn = new Float64Array(9);
  const inverse = Float64Array.from({ length: 9 }, (_, k) => from[3 * (k % 3) + Math.floor(k / 3)]);
  multiplyMatrices(to, 0, inverse, 0, turn);
  rotationLog(turn, 0, out, 3);
  for (let k = 0; k < 3; k++) out[k] = to[9 + k] - from[9 + k];
  return out;
}

/** The six numbers in the axes of the rotation `R`. */
export const inAxes = (R: Float64Array, x: Float64Array) =>
  Float64Array.from({ length: 6 }, (_, r) => {
    const b = r < 3 ? 0 : 3;
    return R[r - b] * x[b] + R[3 + r - b] * x[b + 1] + R[6 + r - b] * x[b + 2];
  });

/**
 * Pushes the tool in `cases` of random pose and push, and expects it where the stiffness `K` says, to a twentieth: its
 * position, and its rotation where the push has a torque. Pushes that take all the torque a motor has, which then is no spring, do not count.
 * @param steps  until it has settled, against dry friction
 */
export function expectStiffness(frame: 'base' | 'tool', K: readonly number[], cases: number, steps: number): void {
  const rng = createRng(1, `stiffness ${frame}`);
  let counted = 0;
  for (let c = 0; c < cases; c++) {
    const q = PANDA.home_q.map((home, i) => (i < N ? home + rng.range(-0.3, 0.3) : home));
    const controller = new CartesianImpedance(new ArmDynamics(PANDA), { stiffness: K, frame });
    const rig = new TorqueRig(controller, q);
    rig.run(200);
    const before = rig.pose();
    const force = [0, 1, 2].map(() => rng.normal());
    const scale = 30 / Math.hypot(...force);
    const turn = [0, 1, 2].map(() => rng.normal());
    // Dry friction of 0.2 Nm in every joint is part of what is measured.
    const torque = (c % 2) * (7 / Math.hypot(...turn));
    rig.push.set([...force.map((x) => x * scale), ...turn.map((x) => x * torque)]);
    const { tau } = rig.rig.engine;
    let weak = false;
    rig.run(steps, () => {
      weak ||= PANDA.limits.effort.some((limit, i) => Math.abs(tau[i]) > 0.99 * limit);
    });
    if (weak) continue;
    counted++;
    const axes = frame === 'tool' ? controller.target.slice(0, 9) : Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
    const moved = inAxes(axes, way(before, rig.pose()));
    const push = inAxes(axes, rig.push);
    const wanted = push.map((x, r) => x / K[r]);
    const [linear, angular] = [0, 3].map((b) => {
      const off = Math.hypot(...[0, 1, 2].map((k) => moved[b + k] - wanted[b + k]));
      return off / Math.hypot(...wanted.subarray(b, b + 3));
    });
    const shown = `case ${c}: moved ${moved}, wanted ${wanted}`;
    expect(linear, shown).toBeLessThan(0.05);
    if (torque > 0) expect(angular, shown).toBeLessThan(0.05);
  }
  expect(counted).toBeGreaterThan(0.8 * cases);
}
