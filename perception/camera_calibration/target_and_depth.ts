import {
  type DepthView,
  depthRegistration,
  type RegistrationOptions,
  type RegistrationState,
} from './depth_registration.ts';
import {
  type HandEyeState,
  type HandEyeView,
  handEyeReprojection,
  type ReprojectionOptions,
} from './hand_eye_reprojection.ts';
import { type LeastSquaresProblem, NormalEquations } from './levenberg_marquardt.ts';

/** What the corners of a target and the depth of the same pictures are explained by together. */
export type JointState = HandEyeState & RegistrationState;

/**
 * Reprojection of a target's corners and distances of depth from arm and table, of the same views, in one least squares.
 * Unknowns: free intrinsics, X (6), Y (6), table (3), encoder offsets, every view's play.
 */
export function targetAndDepth(
  views: readonly HandEyeView[],
  depth: readonly DepthView[],
  corners: ReprojectionOptions,
  distances: RegistrationOptions,
): LeastSquaresProblem<JointState> {
  const k = corners.free.length;
  const joints = views[0].posture.joints.length / 6;
  const rest = joints * (1 + views.length);
  const unknowns = k + 15 + rest;
  const target = handEyeReprojection(views, corners);
  const surfaces = depthRegistration(depth, { ...distances, known: true });
  const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
  const ofTarget = Int32Array.from([...range(0, k + 12), ...range(k + 15, rest)]);
  const ofSurfaces = Int32Array.from([...range(0, k + 6), ...range(k + 12, 3 + rest)]);
  const a = new NormalEquations(target.unknowns);
  const b = new NormalEquations(surfaces.unknowns);
  return {
    unknowns,
    evaluate(state, equations) {
      a.clear();
      b.clear();
      target.evaluate(state, a);
      surfaces.evaluate(state, b);
      equations.addMapped(a, ofTarget);
      equations.addMapped(b, ofSurfaces);
    },
    move(state, step) {
      const pick = (map: Int32Array) => Float64Array.from(map, (i) => step[i]);
      const { Y } = target.move(state, pick(ofTarget));
      return { ...surfaces.move(state, pick(ofSurfaces)), Y };
    },
  };
}
