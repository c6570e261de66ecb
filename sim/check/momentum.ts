import { createRng } from '../../contracts/index.ts';
import { quaternionToMatrix } from '../../dynamics/index.ts';
import type { PhysicsEngine } from '../engine.ts';
import { objectInertia } from '../object_inertia.ts';
import type { SceneObject } from '../scene.ts';
import { check, type Law, release, stepsOf, tolerance } from './check.ts';
import { bystander } from './robots.ts';
import { G_M_S2, item, launch, sceneOf, stateOf } from './scenes.ts';

const TIME_S = 0.4;

/** Linear momentum (kg m/s), angular momentum about the common centre of mass (kg m²/s), and the sums of their parts. */
interface Momentum {
  readonly linear: readonly number[];
  readonly angular: readonly number[];
  readonly linear_sum: number;
  readonly angular_sum: number;
}

function momentumOf(engine: PhysicsEngine, objects: readonly SceneObject[]): Momentum {
  const states = objects.map((_, k) => stateOf(engine, k));
  const total = objects.reduce((sum, { mass_kg }) => sum + mass_kg, 0);
  const mean = (offset: number) =>
    [0, 1, 2].map((i) => objects.reduce((sum, { mass_kg }, k) => sum + mass_kg * states[k][offset + i], 0) / total);
  const centre = mean(0);
  const drift = mean(7);
  const angular = [0, 0, 0];
  let linear_sum = 0;
  let angular_sum = 0;
  objects.forEach((object, k) => {
    const { mass_kg } = object;
    const s = states[k];
    const [x, y, z] = [0, 1, 2].map((i) => s[i] - centre[i]);
    const [u, v, w] = [7, 8, 9].map((i) => mass_kg * (s[i] - drift[i - 7]));
    const spin = spinOf(object, s);
    const own = [y * w - z * v + spin[0], z * u - x * w + spin[1], x * v - y * u + spin[2]];
    for (let i = 0; i < 3; i++) angular[i] += own[i];
    linear_sum += mass_kg * Math.hypot(s[7], s[8], s[9]);
    angular_sum += Math.hypot(...own);
  });
  return { linear: drift.map((x) => x * total), angular, linear_sum, angular_sum };
}

/** R I Rᵀ ω of an object in `state`. */
function spinOf(object: SceneObject, state: Float64Array): number[] {
  const R = new Float64Array(9);
  quaternionToMatrix(state, 3, R);
  const { axes, moments } = objectInertia(object);
  const w = [0, 1, 2].map((i) => R[i] * state[10] + R[3 + i] * state[11] + R[6 + i] * state[12]);
  const p = [0, 1, 2].map((i) => moments[i] * (axes[i] * w[0] + axes[3 + i] * w[1] + axes[6 + i] * w[2]));
  const local = [0, 1, 2].map((i) => axes[3 * i] * p[0] + axes[3 * i + 1] * p[1] + axes[3 * i + 2] * p[2]);
  return [0, 1, 2].map((i) => R[3 * i] * local[0] + R[3 * i + 1] * local[1] + R[3 * i + 2] * local[2]);
}

/** Bodies that hit and rub each other in flight keep their linear momentum, but for gravity, and the angular one. */
export const momentum: Law = (setting) => {
  const rng = createRng(5, 'momentum');
  let linear = 0;
  let angular = 0;
  let touched = 0;
  const trials = setting.thorough ? 20 : 4;
  for (let trial = 0; trial < trials; trial++) {
    const quaternion = (): [number, number, number, number] => {
      const q = [rng.normal(), rng.normal(), rng.normal(), rng.normal()];
      const n = Math.hypot(...q);
      return [q[0] / n, q[1] / n, q[2] / n, q[3] / n];
    };
    const objects = [
      item({ type: 'box', size: [0.06, 0.04, 0.05] }, [0, 0, 4], { mass_kg: 0.3, orientation: quaternion() }),
      item({ type: 'cylinder', radius: 0.03, length: 0.07 }, [0.12, 0.01, 4.01], {
        mass_kg: 0.08,
        orientation: quaternion(),
      }),
      item({ type: 'box', size: [0.05, 0.05, 0.03] }, [0.24, 0, 4], { mass_kg: 0.15, orientation: quaternion() }),
    ];
    const engine = setting.create(bystander(), sceneOf(objects), { dt_s: setting.dt_s });
    const spin = (): [number, number, number] => [2 * rng.normal(), 2 * rng.normal(), 2 * rng.normal()];
    launch(engine, 0, [0.5, 0, 0], spin());
    launch(engine, 1, [0, 0.02, 0], spin());
    launch(engine, 2, [-0.6, 0, 0], spin());
    const start = momentumOf(engine, objects);
    const weight = objects.reduce((sum, { mass_kg }) => sum + mass_kg * G_M_S2, 0);
    const steps = stepsOf(setting, TIME_S);
    for (let k = 1; k <= steps; k++) {
      engine.step();
      touched += engine.contact_count > 0 ? 1 : 0;
      const now = momentumOf(engine, objects);
      const gained = [0, 0, -weight * k * setting.dt_s];
      const lost = now.linear.map((x, i) => x - start.linear[i] - gained[i]);
      linear = Math.max(linear, Math.hypot(...lost) / Math.max(start.linear_sum, now.linear_sum));
      const turned = now.angular.map((x, i) => x - start.angular[i]);
      angular = Math.max(angular, Math.hypot(...turned) / Math.max(start.angular_sum, now.angular_sum));
    }
    release(engine);
  }
  return [
    check(
      'momentum: steps in which bodies touch in flight (none would prove nothing)',
      1,
      Math.min(touched, 1),
      0,
      '1',
    ),
    check('momentum: linear, lost in that of all bodies', 0, linear, 1e-9, '1'),
    check('momentum: angular, lost in that of all bodies', 0, angular, tolerance(setting, 1e-6, { mujoco: 0.01 }), '1'),
  ];
};
