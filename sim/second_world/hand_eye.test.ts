import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { PANDA, tableScene } from '../../test/support/sim_rig.ts';
import { CannonEngine } from '../cannon/index.ts';
import { SceneView } from '../render/index.ts';
import { CAMERA_SPECS, createRenderTarget, NO_PERTURBATION, SimCamera } from '../sensors/index.ts';
import { misplace, toldFrame } from './hand_eye.ts';

const { overview } = CAMERA_SPECS;
const mountOf = (seed: number) => {
  const rng = createRng(seed);
  const vector = (most: number) => [rng.range(-most, most), rng.range(-most, most), rng.range(-most, most)] as const;
  return { position_m: vector(0.01), rotation_rad: vector(0.02) };
};

it('tells points where a misplaced camera would: through its true pose in, through the believed one out', () => {
  const T = overview.mount;
  if (typeof T === 'string') throw new Error('the overview camera stands still');
  for (let seed = 0; seed < 20; seed++) {
    const mount = mountOf(seed);
    const told = toldFrame(T, mount);
    // E p_camera = what the true camera sees of a world point; the believed T brings it back.
    const rng = createRng(seed, 'points');
    const seen = [rng.range(-0.2, 0.2), rng.range(-0.2, 0.2), rng.range(0.5, 1)];
    const E = rotation(mount.rotation_rad);
    const inTrue = [0, 1, 2].map(
      (i) => mount.position_m[i] + [0, 1, 2].reduce((sum, k) => sum + E[3 * i + k] * seen[k], 0),
    );
    const worldOf = (p: readonly number[]) =>
      [0, 1, 2].map((i) => T[4 * i + 3] + [0, 1, 2].reduce((sum, k) => sum + T[4 * i + k] * p[k], 0));
    const truth = worldOf(inTrue);
    const believed = worldOf(seen);
    for (let i = 0; i < 3; i++) {
      const value = told[9 + i] + [0, 1, 2].reduce((sum, k) => sum + told[3 * i + k] * truth[k], 0);
      expect(value, `seed ${seed}`).toBeCloseTo(believed[i], 12);
    }
  }
});

it('leaves the camera where it is believed and moves where it truly is', () => {
  const engine = new CannonEngine(PANDA, tableScene([]));
  const view = new SceneView(tableScene([]), PANDA.model);
  const there = new SimCamera(overview, view, PANDA.model);
  const moved = new SimCamera(overview, view, PANDA.model, misplace(NO_PERTURBATION, mountOf(4)));
  expect(moved.pinhole(engine)).toEqual(there.pinhole(engine));
  const [a, b] = [there, moved].map((camera) => {
    const target = createRenderTarget(overview.width, overview.height);
    camera.render(engine, target);
    return target.depth;
  });
  expect(a).not.toEqual(b);
});

it('adds up with what a camera had before', () => {
  const once = misplace(NO_PERTURBATION, mountOf(1));
  const twice = misplace(once, mountOf(1));
  expect(twice.pose_error).toEqual(once.pose_error.map((value) => 2 * value));
});

/** Rodrigues. */
function rotation([x, y, z]: readonly [number, number, number]): number[] {
  const angle = Math.hypot(x, y, z);
  const [u, v, w] = [x / angle, y / angle, z / angle];
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const t = 1 - c;
  return [
    ...[c + u * u * t, u * v * t - w * s, u * w * t + v * s],
    ...[u * v * t + w * s, c + v * v * t, v * w * t - u * s],
    ...[u * w * t - v * s, v * w * t + u * s, c + w * w * t],
  ];
}
