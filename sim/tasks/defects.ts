import type { Rng, Shape, Vector3 } from '../../contracts/index.ts';
import type { Appearance, SurfaceTexture } from '../scene.ts';

/** Surface defects of the inspection task: spots on the side that faces the shape's x axis. */
export const DEFECTS = {
  /** Shares of objects without a defect, and with one too faint to be sure of; the rest is plain to see. */
  good_share: 0.5,
  faint_share: 0.15,
  clear: { radius_m: [0.003, 0.006], contrast: [0.25, 0.6] },
  faint: { radius_m: [0.002, 0.0032], contrast: [0.02, 0.06] },
  /** A spot whose contrast times area is below this is ambiguous: whoever abstains is right. */
  ambiguous_below_mm2: 4,
  /** Least distance of a spot's rim from the edge of its side, m. */
  margin_m: 0.002,
} as const;

type SpotRange = (typeof DEFECTS)['clear' | 'faint'];

/** What an object is in truth. */
export type SurfaceTruth = 'good' | 'defective' | 'ambiguous';

const DARK: Vector3 = [0.06, 0.06, 0.07];
const BRIGHT: Vector3 = [0.95, 0.95, 0.93];

/** A spot on a paint, or none. */
export function drawDefect(shape: Shape, rgb: Vector3, rng: Rng): SurfaceTexture | null {
  const fate = rng.uniform();
  if (fate < DEFECTS.good_share) return null;
  const kind: SpotRange = fate < DEFECTS.good_share + DEFECTS.faint_share ? DEFECTS.faint : DEFECTS.clear;
  const radius_m = rng.range(kind.radius_m[0], kind.radius_m[1]);
  const dark = rng.uniform() < 0.5;
  const least = kind.contrast[0];
  const spot = [dark ? DARK : BRIGHT, dark ? BRIGHT : DARK].find((c) => difference(rgb, c) > least * 1.05) ?? BRIGHT;
  const most = difference(rgb, spot);
  const contrast = rng.range(least, Math.min(kind.contrast[1], most));
  return {
    kind: 'spot',
    rgb: spot,
    scale_m: radius_m,
    offset_m: drawCentre(shape, radius_m, rng),
    strength: contrast / most,
  };
}

/** Mean difference of the channels between spot and paint (sRGB, 0..1) times the spot's area (mm²); 0 without a spot. */
export function defectSignal_mm2({ rgb, texture }: Appearance): number {
  if (texture?.kind !== 'spot') return 0;
  return difference(rgb, texture.rgb) * texture.strength * Math.PI * (1000 * texture.scale_m) ** 2;
}

export function surfaceTruth(look: Appearance): SurfaceTruth {
  const signal = defectSignal_mm2(look);
  if (signal === 0) return 'good';
  return signal < DEFECTS.ambiguous_below_mm2 ? 'ambiguous' : 'defective';
}

function difference(a: Vector3, b: Vector3): number {
  return (Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) + Math.abs(a[2] - b[2])) / 3;
}

/** A point of the side that faces +x, far enough from its edges for the whole spot. */
function drawCentre(shape: Shape, radius_m: number, rng: Rng): Vector3 {
  const room = (half: number): number => Math.max(0, half - radius_m - DEFECTS.margin_m);
  if (shape.type === 'box') {
    const [x, y, z] = [shape.size[0] / 2, room(shape.size[1] / 2), room(shape.size[2] / 2)];
    return [x, rng.range(-y, y), rng.range(-z, z)];
  }
  const z = shape.type === 'cylinder' ? room(shape.length / 2) : 0;
  return [shape.radius, 0, rng.range(-z, z)];
}
