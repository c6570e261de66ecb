import type { ColourImage, DepthImage, Rng, Vector3 } from '../../contracts/index.ts';

/** What can be wrong with a camera's optics or its depth; for tests and drills, which ask for it. */
export const OPTICAL_FAULTS = ['lens_cap', 'partial_cover', 'glare', 'motion_blur', 'defocus', 'no_depth'] as const;
export type OpticalFaultKind = (typeof OPTICAL_FAULTS)[number];

/** One bright spot: middle and reach as shares of the picture's width, and what it adds in its middle, of 255. */
interface GlareSpot {
  readonly u: number;
  readonly v: number;
  readonly reach: number;
  readonly peak: number;
}

/** A fault as it was drawn: it stays as it is for as long as it lasts. Angles in rad, lengths in pixels, colours of 255. */
export type OpticalFault =
  | { readonly kind: 'lens_cap'; readonly rgb: Vector3; readonly depth_lost: boolean }
  | {
      readonly kind: 'partial_cover';
      readonly rgb: Vector3;
      readonly angle_rad: number;
      /** Share of the picture that is covered, and width of its blurred edge as a share of the picture's width. */
      readonly share: number;
      readonly soft: number;
      readonly depth_lost: boolean;
    }
  | {
      readonly kind: 'glare';
      readonly spots: readonly GlareSpot[];
      /** Stray light all over, and factor on what is there. */
      readonly veil: number;
      readonly gain: number;
      readonly depth_lost: boolean;
    }
  | { readonly kind: 'motion_blur'; readonly length_px: number; readonly angle_rad: number }
  | { readonly kind: 'defocus'; readonly radius_px: number }
  | { readonly kind: 'no_depth'; readonly kept: number };

/** Draws how bad a fault is. The mildest of each still spoils what is measured in the picture. */
export function drawOpticalFault(kind: OpticalFaultKind, rng: Rng): OpticalFault {
  const depth_lost = rng.uniform() < 0.5;
  switch (kind) {
    case 'lens_cap':
      return { kind, rgb: rng.uniform() < 0.6 ? dark(rng) : paint(rng), depth_lost };
    case 'partial_cover':
      return {
        ...{ kind, rgb: rng.uniform() < 0.5 ? dark(rng) : paint(rng), angle_rad: rng.range(-Math.PI, Math.PI) },
        ...{ share: rng.range(0.25, 0.85), soft: rng.range(0.01, 0.06), depth_lost },
      };
    case 'glare': {
      const everywhere = rng.uniform() < 0.3;
      const spots = everywhere ? 0 : 1 + rng.int(3);
      return {
        ...{ kind, spots: Array.from({ length: spots }, () => spot(rng)) },
        ...{ veil: everywhere ? rng.range(40, 90) : rng.range(5, 40) },
        ...{ gain: everywhere ? rng.range(1.6, 3) : 1, depth_lost },
      };
    }
    case 'motion_blur':
      return { kind, length_px: rng.range(6, 20), angle_rad: rng.range(-Math.PI, Math.PI) };
    case 'defocus':
      return { kind, radius_px: rng.range(2, 6) };
    case 'no_depth':
      return { kind, kept: rng.uniform() < 0.5 ? 0 : rng.range(0, 0.1) };
  }
}

/**
 * The picture as it would come through: what light does first, then the noise of the sensor.
 * @param sigma  standard deviation of the sensor's colours, of 255; what is seen here was taken with it already
 * @param rng  of this picture's noise
 */
export function throughFault(
  fault: OpticalFault,
  { colour, depth }: { readonly colour: ColourImage; readonly depth: DepthImage },
  sigma: number,
  rng: Rng,
): { readonly colour: ColourImage; readonly depth: DepthImage } {
  const { width, height } = colour;
  const light = Float32Array.from(colour.data);
  const z = depth.data.slice();
  switch (fault.kind) {
    case 'lens_cap':
      for (let i = 0; i < light.length; i++) light[i] = fault.rgb[i % 3];
      if (fault.depth_lost) z.fill(0);
      break;
    case 'partial_cover':
      cover(fault, light, z, width, height);
      break;
    case 'glare':
      shine(fault, light, z, width, height);
      break;
    case 'motion_blur':
      average(light, width, height, line(fault.length_px, fault.angle_rad));
      break;
    case 'defocus':
      average(light, width, height, disc(fault.radius_px));
      break;
    case 'no_depth': {
      const stream = rng.stream('depth');
      for (let i = 0; i < z.length; i++) if (!(stream.uniform() < fault.kept)) z[i] = 0;
      return { colour, depth: { ...depth, data: z } };
    }
  }
  const noise = rng.stream('colour');
  const data = Uint8Array.from(light, (value) => {
    const grained = value + sigma * noise.normal() + 0.5;
    return grained < 0 ? 0 : grained > 255 ? 255 : grained;
  });
  return { colour: { ...colour, data }, depth: { ...depth, data: z } };
}

function dark(rng: Rng): Vector3 {
  const level = rng.range(0, 14);
  return [level, level, level];
}

/** Of tape, a finger or cloth close to the lens, lit by the room. */
function paint(rng: Rng): Vector3 {
  const level = rng.range(15, 190);
  return [level * rng.range(0.8, 1.2), level * rng.range(0.7, 1.05), level * rng.range(0.6, 1.05)];
}

function spot(rng: Rng): GlareSpot {
  return { u: rng.range(0.1, 0.9), v: rng.range(0.1, 0.65), reach: rng.range(0.1, 0.3), peak: rng.range(220, 600) };
}

type Of<Kind extends OpticalFaultKind> = Extract<OpticalFault, { kind: Kind }>;

/** A straight, blurred edge beyond which only the cover is seen. */
function cover(fault: Of<'partial_cover'>, light: Float32Array, z: Float32Array, width: number, height: number): void {
  const [nx, ny] = [Math.cos(fault.angle_rad), Math.sin(fault.angle_rad)];
  const along = Float32Array.from({ length: width * height }, (_, i) => {
    return nx * ((i % width) / width - 0.5) + ny * (Math.floor(i / width) / width - height / width / 2);
  });
  const edge = along.slice().sort()[Math.floor((1 - fault.share) * (along.length - 1))];
  for (let i = 0; i < along.length; i++) {
    const covered = 1 / (1 + Math.exp((-4 * (along[i] - edge)) / fault.soft));
    for (let k = 0; k < 3; k++) light[3 * i + k] += covered * (fault.rgb[k] - light[3 * i + k]);
    if (fault.depth_lost && covered > 0.5) z[i] = 0;
  }
}

/** Adds light; depth is lost where it blinds the sensor. */
function shine(fault: Of<'glare'>, light: Float32Array, z: Float32Array, width: number, height: number): void {
  for (let v = 0, i = 0; v < height; v++) {
    for (let u = 0; u < width; u++, i++) {
      let added = fault.veil;
      for (const { u: su, v: sv, reach, peak } of fault.spots) {
        const distance2 = (u / width - su) ** 2 + (v / width - sv) ** 2;
        added += peak * Math.exp(-distance2 / (2 * (reach / 2) ** 2));
      }
      for (let k = 0; k < 3; k++) light[3 * i + k] = fault.gain * light[3 * i + k] + added;
      if (fault.depth_lost && added > 200) z[i] = 0;
    }
  }
}

function line(length_px: number, angle_rad: number): Int16Array {
  const taps = Math.max(2, Math.round(length_px));
  const offsets = new Int16Array(2 * taps);
  for (let k = 0; k < taps; k++) {
    const at = (k / (taps - 1) - 0.5) * length_px;
    offsets.set([Math.round(at * Math.cos(angle_rad)), Math.round(at * Math.sin(angle_rad))], 2 * k);
  }
  return offsets;
}

function disc(radius_px: number): Int16Array {
  const reach = Math.ceil(radius_px);
  const offsets: number[] = [];
  for (let v = -reach; v <= reach; v++)
    for (let u = -reach; u <= reach; u++) if (u * u + v * v <= radius_px * radius_px) offsets.push(u, v);
  return Int16Array.from(offsets);
}

/** Replaces every pixel by the mean over offsets about it; beyond its edge the picture goes on as at its edge. */
function average(light: Float32Array, width: number, height: number, offsets: Int16Array): void {
  const source = light.slice();
  const taps = offsets.length / 2;
  for (let v = 0, i = 0; v < height; v++) {
    for (let u = 0; u < width; u++, i++) {
      let [r, g, b] = [0, 0, 0];
      for (let k = 0; k < offsets.length; k += 2) {
        const x = Math.min(width - 1, Math.max(0, u + offsets[k]));
        const y = Math.min(height - 1, Math.max(0, v + offsets[k + 1]));
        const j = 3 * (y * width + x);
        r += source[j];
        g += source[j + 1];
        b += source[j + 2];
      }
      light[3 * i] = r / taps;
      light[3 * i + 1] = g / taps;
      light[3 * i + 2] = b / taps;
    }
  }
}
