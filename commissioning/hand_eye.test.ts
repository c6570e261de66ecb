import { describe, expect, it } from 'vitest';
import { createRng, type Pose, type Rng, type Vector3 } from '../contracts/index.ts';
import { composePoses, invertPose, matrixFromAxisAngle, quaternionFromMatrix } from '../dynamics/index.ts';
import { type HandEyePair, handEye } from './hand_eye.ts';

function unit(rng: Rng): Vector3 {
  const [x, y, z] = [rng.normal(), rng.normal(), rng.normal()];
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

function turned(position: Vector3, axis: Vector3, angle_rad: number): Pose {
  return { position, orientation: quaternionFromMatrix(matrixFromAxisAngle(axis, angle_rad)) };
}

const place = (rng: Rng, m: number): Vector3 => [rng.range(-m, m), rng.range(-m, m), rng.range(-m, m)];
const anyPose = (rng: Rng, m: number, most_rad: number) =>
  turned(place(rng, m), unit(rng), rng.range(0.2, 1) * most_rad);

interface Noise {
  readonly m: number;
  readonly rad: number;
}

/** What a camera at X on the hand sees of a fixed target, with noise on what it sees. */
function look(rng: Rng, X: Pose, tools: readonly Pose[], noise: Noise): HandEyePair[] {
  const T_base_target = anyPose(rng, 0.8, 3);
  return tools.map((T_base_tool) => {
    const seen = composePoses(invertPose(composePoses(T_base_tool, X)), T_base_target);
    const shift: Vector3 = [noise.m * rng.normal(), noise.m * rng.normal(), noise.m * rng.normal()];
    const shake = turned(shift, unit(rng), noise.rad * rng.normal());
    return { T_base_tool, T_camera_target: composePoses(seen, shake) };
  });
}

const apart = (a: Pose, b: Pose) => {
  const rest = composePoses(invertPose(a), b);
  return {
    m: Math.hypot(...rest.position),
    rad: 2 * Math.asin(Math.min(1, Math.hypot(...rest.orientation.slice(0, 3)))),
  };
};

describe('hand-eye calibration', () => {
  it('finds the camera exactly where nothing is noisy', () => {
    const rng = createRng(11, 'hand_eye');
    for (let k = 0; k < 200; k++) {
      const X = anyPose(rng, 0.3, 3);
      const tools = Array.from({ length: 5 + (k % 6) }, () => anyPose(rng, 0.5, 1.2));
      const { T_tool_camera, residual_m, residual_rad } = handEye(look(rng, X, tools, { m: 0, rad: 0 }));
      expect(apart(T_tool_camera, X).m, `case ${k}`).toBeLessThan(1e-8);
      expect(apart(T_tool_camera, X).rad, `case ${k}`).toBeLessThan(1e-6);
      expect(Math.max(residual_m, residual_rad), `case ${k}`).toBeLessThan(1e-6);
    }
  });

  it('needs two axes only', () => {
    const rng = createRng(12, 'hand_eye');
    const X = anyPose(rng, 0.2, 2);
    const tools = [0, 0.6, -0.6].flatMap((a) =>
      [0, 0.5].map((b) =>
        composePoses(turned(place(rng, 0.3), [1, 0, 0], a), turned([0, 0, 0], [0, 1, 0], a === 0 ? b : 0)),
      ),
    );
    expect(apart(handEye(look(rng, X, tools, { m: 0, rad: 0 })).T_tool_camera, X).m).toBeLessThan(1e-8);
  });

  it('errs with the noise, and says by how much', () => {
    const rng = createRng(13, 'hand_eye');
    const noise = { m: 5e-4, rad: 2e-3 };
    let inside = 0;
    const cases = 100;
    for (let k = 0; k < cases; k++) {
      const X = anyPose(rng, 0.15, 3);
      const tools = Array.from({ length: 12 }, () => anyPose(rng, 0.2, 1));
      const { T_tool_camera, position_interval_m, residual_rad } = handEye(look(rng, X, tools, noise));
      const error = apart(T_tool_camera, X);
      expect(error.m, `case ${k}`).toBeLessThan(0.01);
      expect(error.rad, `case ${k}`).toBeLessThan(0.01);
      expect(residual_rad, `case ${k}`).toBeLessThan(0.01);
      const within = T_tool_camera.position.map((p, i) => Math.abs(p - X.position[i]) < position_interval_m[i]);
      inside += within.filter((is) => is).length;
    }
    expect(inside / (3 * cases)).toBeGreaterThan(0.85);
  });

  it('is worse for more noise', () => {
    const errors = [1e-4, 1e-3, 1e-2].map((rad) => {
      const rng = createRng(14, 'hand_eye');
      const sums = Array.from({ length: 30 }, () => {
        const X = anyPose(rng, 0.15, 3);
        const tools = Array.from({ length: 8 }, () => anyPose(rng, 0.2, 1));
        return apart(handEye(look(rng, X, tools, { m: 0, rad })).T_tool_camera, X).m;
      });
      return sums.reduce((a, b) => a + b, 0);
    });
    expect(errors[0]).toBeLessThan(errors[1]);
    expect(errors[1]).toBeLessThan(errors[2]);
  });

  it('refuses what leaves the camera open: too few poses, no turn, turns about one axis', () => {
    const rng = createRng(15, 'hand_eye');
    const X = anyPose(rng, 0.2, 2);
    const exact = { m: 0, rad: 0 };
    const refused = /must be at least 3 poses turned about two axes/;
    const any = Array.from({ length: 2 }, () => anyPose(rng, 0.3, 1));
    expect(() => handEye(look(rng, X, any, exact))).toThrow(refused);
    const shifted = Array.from({ length: 8 }, () => turned(place(rng, 0.3), [0, 0, 1], 0.3));
    expect(() => handEye(look(rng, X, shifted, exact))).toThrow(refused);
    const one = Array.from({ length: 8 }, (_, k) => turned(place(rng, 0.3), [0, 0, 1], 0.3 * k));
    expect(() => handEye(look(rng, X, one, exact))).toThrow(refused);
  });
});
