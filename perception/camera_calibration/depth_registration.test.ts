import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { drawIntrinsics, drawRigid } from '../../test/support/camera_geometry.ts';
import { ArmMatches } from './arm_surface.ts';
import { depthRegistration, type RegistrationState } from './depth_registration.ts';
import { NormalEquations } from './levenberg_marquardt.ts';

const JOINTS = 3;

describe('registration of depth', () => {
  it.each(['eye_in_hand', 'eye_to_hand'] as const)(
    'has the slope that differences of its cost have: %s',
    (mounting) => {
      for (let seed = 0; seed < 20; seed++) {
        const rng = createRng(seed, mounting);
        const numbers = (count: number, size: number) =>
          Float64Array.from({ length: count }, () => size * rng.normal());
        const views = Array.from({ length: 2 }, () => {
          const arm = new ArmMatches(5, JOINTS);
          arm.count = mounting === 'eye_to_hand' ? 5 : 0;
          for (let i = 0; i < 5; i++) {
            arm.data.set([rng.range(0, 640), rng.range(0, 480), rng.range(0.4, 1), 0.6, 0, 0.8], 9 * i);
            arm.data.set(numbers(3, 0.5), 9 * i + 6);
          }
          arm.slopes.set(numbers(5 * JOINTS, 0.3));
          const table = Float64Array.from({ length: 12 }, (_, i) =>
            i % 3 === 2 ? rng.range(0.4, 1) : rng.range(0, 480),
          );
          return { posture: { T_base_hand: drawRigid(rng, 1, 0.5), joints: numbers(6 * JOINTS, 0.5) }, table, arm };
        });
        const problem = depthRegistration(views, {
          ...{ mounting, free: Int32Array.of(0, 1, 2, 3, 4), priors: [], huber: Infinity },
          errors: { offset_sigma_rad: 0.001, play_sigma_rad: 0.001 },
          table_sigma: { height_m: 0.001, tilt_rad: 0.001 },
          arm_sigma_m: 0.001,
          table_sigma_m: 0.001,
        });
        const f = drawIntrinsics(rng);
        f.fill(0, 5);
        f[4] *= 0.1;
        const state: RegistrationState = {
          intrinsics: f,
          X: drawRigid(rng, 1, 0.5),
          offsets: numbers(JOINTS, 1e-4),
          play: [numbers(JOINTS, 1e-4), numbers(JOINTS, 1e-4)],
          table: numbers(3, 1e-4),
        };
        const here = new NormalEquations(problem.unknowns);
        problem.evaluate(state, here);
        const cost = (k: number, h: number) => {
          const step = new Float64Array(problem.unknowns);
          step[k] = h;
          const there = new NormalEquations(problem.unknowns);
          problem.evaluate(problem.move(state, step), there);
          return there.cost;
        };
        // Joint errors count to first order, so that slopes by them are short of a thousandth.
        const most = here.g.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
        for (let k = 0; k < problem.unknowns; k++) {
          const h = k < 4 ? 1e-3 : 1e-6;
          const slope = (cost(k, h) - cost(k, -h)) / (4 * h);
          expect(Math.abs(slope - here.g[k]), `seed ${seed}, unknown ${k}`).toBeLessThan(
            1e-3 * (most + Math.abs(slope)),
          );
        }
      }
    },
  );
});
