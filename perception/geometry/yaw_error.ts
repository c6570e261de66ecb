import type { Shape } from '../../contracts/index.ts';

/** Sides that differ by less than this make a box look alike after a quarter of a turn (m). */
export const SQUARE_M = 0.002;

/** Angle after which an upright shape looks the same (rad): half a turn, a quarter of one for a square box; 0 for round ones. */
export function yawPeriod(shape: Shape, square_m = SQUARE_M): number {
  if (shape.type !== 'box') return 0;
  return Math.abs(shape.size[0] - shape.size[1]) < square_m ? Math.PI / 2 : Math.PI;
}

/**
 * Angle from yaw b to yaw a modulo the symmetry of a shape, −period/2..period/2 (rad); 0 for round shapes.
 * @param shape  whose yaw is b: the first side is along it
 */
export function yawError(a: number, b: number, shape: Shape, square_m = SQUARE_M): number {
  const period = yawPeriod(shape, square_m);
  if (period === 0) return 0;
  const d = a - b;
  return d - period * Math.round(d / period);
}

/**
 * Yaw of the longer horizontal side of a box in (−π/2, π/2] (rad): the same however its sides are named. Of square boxes
 * either side's, of round shapes 0.
 */
export function longSideYaw(yaw: number, shape: Shape): number {
  if (shape.type !== 'box') return 0;
  const along = shape.size[0] >= shape.size[1] ? yaw : yaw + Math.PI / 2;
  const turned = along - Math.PI * Math.round(along / Math.PI);
  return turned <= -Math.PI / 2 ? turned + Math.PI : turned;
}

/** Angle from the truth to an estimate modulo the true shape's symmetry, whichever side either calls its first (rad). */
export function poseYawError(
  estimate: { readonly yaw: number; readonly shape: Shape },
  truth: { readonly yaw: number; readonly shape: Shape },
  square_m = SQUARE_M,
): number {
  if (estimate.shape.type !== 'box' || truth.shape.type !== 'box') return 0;
  return yawError(
    longSideYaw(estimate.yaw, estimate.shape),
    longSideYaw(truth.yaw, truth.shape),
    truth.shape,
    square_m,
  );
}
