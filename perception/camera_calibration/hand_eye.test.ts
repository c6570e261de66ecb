import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createRng, type Rng } from '../../contracts/index.ts';
import {
  drawHands,
  drawIntrinsics,
  drawRigid,
  drawView,
  gridPoints,
  rigid,
  see,
} from '../../test/support/camera_geometry.ts';
import { askOpenCv, openCv } from '../../test/support/opencv.ts';
import { requirePeer } from '../../test/support/peer.ts';
import { sweep } from '../../test/support/sweep.ts';
import { calibrateHandEye, closedFormHandEye } from './hand_eye.ts';
import { correctedHand, type HandEyeView, type Mounting } from './hand_eye_reprojection.ts';
import { compose, distance, fromMatrix, inverse, moved, type RigidTransform, toMatrix } from './rigid_transform.ts';

const POINTS = gridPoints(8, 5, 0.03);
const MOUNTINGS = ['eye_in_hand', 'eye_to_hand'] as const;
const answers = z.array(
  z.object({ park: z.array(z.number()), tsai: z.array(z.number()), daniilidis: z.array(z.number()) }),
);

/** Hands that let a camera mounted by X see a target mounted by Y in drawn views. */
function drawSetup(rng: Rng, mounting: Mounting, count: number) {
  const X = mounting === 'eye_in_hand' ? drawRigid(rng, 0.6, 0.1) : rigid([2.6, 0.3, 0.2], [0.9, 0.1, 0.7]);
  const Y = mounting === 'eye_in_hand' ? rigid([0, 3.0, 0.2], [0.5, 0, 0]) : drawRigid(rng, 0.8, 0.15);
  const views = Array.from({ length: count }, () => drawView(rng, 0.7, [0.35, 0.6]));
  // X⁻¹ A Y = view: A = X view Y⁻¹, which is the hand or, on the hand, its inverse.
  const hands = views.map((view) => {
    const A = compose(X, compose(view, inverse(Y)));
    return mounting === 'eye_in_hand' ? inverse(A) : A;
  });
  return { X, Y, views, hands };
}

/** Seven joints about drawn axes through drawn points near the arm: motions at the base's origin. */
function drawJoints(rng: Rng): Float64Array {
  const joints = new Float64Array(42);
  for (let j = 0; j < 7; j++) {
    const w = [rng.normal(), rng.normal(), rng.normal()];
    const size = Math.hypot(...w);
    const [x, y, v] = w.map((value) => value / size);
    const p = [rng.range(0, 0.5), rng.range(-0.2, 0.2), rng.range(0, 0.6)];
    joints.set([x, y, v, p[1] * v - p[2] * y, p[2] * x - p[0] * v, p[0] * y - p[1] * x], 6 * j);
  }
  return joints;
}

describe('closed form of the hand-eye problem', () => {
  it('is that of OpenCV by Park, and near those by Tsai and Daniilidis, with noise', async (ctx) => {
    const environment = await openCv();
    requirePeer(ctx, 'opencv', 'missing' in environment ? environment.missing : '', 'python' in environment);
    if (!('python' in environment)) return;
    const cases = Array.from({ length: sweep(10, 200) }, (_, seed) => {
      const rng = createRng(seed, 'hand_eye');
      const X = drawRigid(rng, 1.5, 0.2);
      const Y = drawRigid(rng, 1.5, 0.5);
      const hands = drawHands(rng, 8, 0.8);
      const noise = () => Array.from({ length: 6 }, () => 0.002 * rng.normal());
      const targets = hands.map((hand) => moved(compose(inverse(compose(hand, X)), Y), noise()));
      return { X, hands, targets };
    });
    const asked = cases.map(({ hands, targets }) => ({
      kind: 'hand_eye',
      T_base_hand: hands.map(toMatrix),
      T_camera_target: targets.map(toMatrix),
    }));
    const peers = answers.parse(await askOpenCv(environment.python, asked));
    cases.forEach(({ hands, targets }, seed) => {
      const ours = closedFormHandEye('eye_in_hand', hands, targets);
      const park = distance(ours, fromMatrix(peers[seed].park));
      expect(park.position_m, `seed ${seed}`).toBeLessThan(1e-9);
      expect(park.rotation_rad, `seed ${seed}`).toBeLessThan(1e-7);
      for (const other of [peers[seed].tsai, peers[seed].daniilidis]) {
        expect(distance(ours, fromMatrix(other)).position_m, `seed ${seed}`).toBeLessThan(0.02);
      }
    });
  }, 300_000);

  it.each(MOUNTINGS)('is exact without noise: %s', (mounting) => {
    for (let seed = 0; seed < 30; seed++) {
      const { X, hands, views } = drawSetup(createRng(seed, mounting), mounting, 6);
      const { position_m, rotation_rad } = distance(closedFormHandEye(mounting, hands, views), X);
      expect(position_m, `seed ${seed}`).toBeLessThan(1e-9);
      expect(rotation_rad, `seed ${seed}`).toBeLessThan(1e-7);
    }
  });

  it('refuses motions that leave the mounting open, by name', () => {
    const rng = createRng(3, 'open');
    const seen = (hands: readonly RigidTransform[]) => hands.map((hand) => inverse(hand));
    const refused = (hands: RigidTransform[]) => () => closedFormHandEye('eye_in_hand', hands, seen(hands));
    expect(refused(drawHands(rng, 10, 0))).toThrow(/pure_translation.*turn the hand/);
    const about = Array.from({ length: 10 }, () => rigid([0, rng.range(-1, 1), 0], [rng.normal(), 0, 0]));
    expect(refused(about)).toThrow(/parallel_axes.*second axis/);
    expect(refused(drawHands(rng, 3, 1))).toThrow(/too_few_views/);
  });
});

describe('refinement of the hand-eye problem', () => {
  it.each(MOUNTINGS)('covers the truth by its covariance, encoder offsets and all: %s', (mounting) => {
    const seeds = sweep(8, 250);
    const sigma_rad = 0.0006;
    let inside = 0;
    let better = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const rng = createRng(seed, mounting);
      const { X, Y, views, hands } = drawSetup(rng, mounting, 14);
      const truth = drawIntrinsics(rng);
      const offsets = Float64Array.from({ length: 7 }, () => sigma_rad * rng.normal());
      const errors = { offset_sigma_rad: sigma_rad, play_sigma_rad: 0.0003 };
      const seen = hands.map((hand, i): HandEyeView => {
        const joints = drawJoints(rng);
        const read = offsets.map((offset) => -offset - errors.play_sigma_rad * rng.normal());
        const posture = { joints, T_base_hand: correctedHand({ T_base_hand: hand, joints }, read) };
        return { ...see(truth, views[i], POINTS, rng, 0.1), posture };
      });
      const start = truth.slice();
      start[0] *= 1.01;
      const result = calibrateHandEye(seen, views, { mounting, start, errors, sigma_px: 0.1 });
      const blind = calibrateHandEye(seen, views, { mounting, start });
      const error = distance(result.T_mount_camera, X);
      if (error.position_m < distance(blind.T_mount_camera, X).position_m) better++;
      for (let k = 0; k < 3; k++) {
        const off = result.T_mount_camera[9 + k] - X[9 + k];
        inside += off * off < 3.841 * result.pose_covariance[7 * (3 + k)] ? 1 : 0;
      }
      expect(distance(result.T_other_target, Y).position_m, `seed ${seed}`).toBeLessThan(0.005);
    }
    expect(better / seeds).toBeGreaterThan(0.75);
    expect(inside / (3 * seeds)).toBeGreaterThan(0.95 - 4 * Math.sqrt((0.95 * 0.05) / seeds));
  });
});
