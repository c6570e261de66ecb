import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createRng } from '../../contracts/index.ts';
import { drawIntrinsics, drawView, gridPoints, rigid, see } from '../../test/support/camera_geometry.ts';
import { askOpenCv, openCv } from '../../test/support/opencv.ts';
import { requirePeer } from '../../test/support/peer.ts';
import { sweep } from '../../test/support/sweep.ts';
import { calibrateIntrinsics } from './calibrate_intrinsics.ts';
import { vectorFromRotation } from './rigid_transform.ts';

const POINTS = gridPoints(8, 5, 0.03);
const SIZE = { width: 640, height: 480 };
const answers = z.array(
  z.object({
    rms: z.number(),
    intrinsics: z.array(z.number()),
    deviations: z.array(z.number()),
    rvec: z.array(z.array(z.number())),
  }),
);

function draw(seed: number, views = 12, sigma_px = 0.15) {
  const rng = createRng(seed, 'intrinsics');
  const truth = drawIntrinsics(rng);
  const poses = Array.from({ length: views }, () => drawView(rng, 0.8, [0.35, 0.7]));
  return { truth, poses, views: poses.map((T) => see(truth, T, POINTS, rng, sigma_px)) };
}

describe('intrinsics from a flat target', () => {
  it('finds the same minimum as OpenCV, with the same deviations', async (ctx) => {
    const environment = await openCv();
    requirePeer(ctx, 'opencv', 'missing' in environment ? environment.missing : '', 'python' in environment);
    if (!('python' in environment)) return;
    const seeds = Array.from({ length: sweep(2, 40) }, (_, i) => 100 + i);
    const held = [
      { flags: [], held: [] },
      { flags: ['CALIB_FIX_K3', 'CALIB_ZERO_TANGENT_DIST'], held: ['p1', 'p2', 'k3'] },
    ] as const;
    const cases = seeds.map((seed) => ({ seed, ...draw(seed), ...held[seed % 2] }));
    const asked = cases.map(({ views, flags }) => ({
      kind: 'intrinsics',
      ...SIZE,
      flags,
      views: views.map(({ points_m, pixels }) => ({ points_m: [...points_m], pixels: [...pixels] })),
    }));
    const peers = answers.parse(await askOpenCv(environment.python, asked));
    cases.forEach((drawn, i) => {
      const ours = calibrateIntrinsics(drawn.views, { ...SIZE, held: drawn.held });
      const where = `seed ${drawn.seed}`;
      expect(ours.rms_px, where).toBeCloseTo(peers[i].rms, 9);
      for (let k = 0; k < 9; k++) {
        const deviation = Math.sqrt(ours.covariance[10 * k]);
        const tolerance = 1e-4 * deviation + 1e-12;
        expect(Math.abs(ours.intrinsics[k] - peers[i].intrinsics[k]), `${where}, ${k}`).toBeLessThanOrEqual(tolerance);
        expect(Math.abs(deviation - peers[i].deviations[k]), `${where}, deviation ${k}`).toBeLessThanOrEqual(
          0.02 * deviation,
        );
      }
      ours.T_camera_target.forEach((T, view) => {
        const r = vectorFromRotation(T);
        r.forEach((value, k) => {
          expect(Math.abs(value - peers[i].rvec[view][k]), `${where}, view ${view}`).toBeLessThan(1e-6);
        });
      });
    });
  }, 300_000);

  it('states a covariance that covers the truth: chi-square over seeds', () => {
    const seeds = sweep(25, 400);
    let inside = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const { truth, views } = draw(seed);
      const { intrinsics, covariance } = calibrateIntrinsics(views, SIZE);
      for (let k = 0; k < 9; k++) inside += (intrinsics[k] - truth[k]) ** 2 < 3.841 * covariance[10 * k] ? 1 : 0;
    }
    const share = inside / (9 * seeds);
    expect(share).toBeGreaterThan(0.95 - 4 * Math.sqrt((0.95 * 0.05) / (2 * seeds)));
    expect(share).toBeLessThan(0.995);
  });

  it('is exact without noise', () => {
    for (let seed = 0; seed < 10; seed++) {
      const { truth, views } = draw(seed, 8, 0);
      const { intrinsics, rms_px } = calibrateIntrinsics(views, SIZE);
      expect(rms_px, `seed ${seed}`).toBeLessThan(1e-4);
      expect(Math.abs(intrinsics[0] / truth[0] - 1), `seed ${seed}`).toBeLessThan(1e-5);
    }
  });

  it('refuses views that do not determine a camera, by name', () => {
    const rng = createRng(5, 'degenerate');
    const truth = drawIntrinsics(rng);
    const parallel = Array.from({ length: 8 }, () =>
      see(
        truth,
        rigid([0.3, 0, 0], [rng.range(-0.1, 0.1), rng.range(-0.1, 0.1), rng.range(0.4, 0.7)]),
        POINTS,
        rng,
        0.1,
      ),
    );
    expect(() => calibrateIntrinsics(parallel, SIZE)).toThrow(/parallel_views.*tilt the target/);
    const { views } = draw(1, 2);
    expect(() => calibrateIntrinsics(views, SIZE)).toThrow(/\(too_few_views\): 2 of 2/);
  });
});
