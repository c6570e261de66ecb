import type { Colour } from '../contracts/index.ts';

/** sRGB byte to linear light (IEC 61966-2-1). */
export const LINEAR = Float32Array.from({ length: 256 }, (_, i) => {
  const c = i / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
});

/** Hue in degrees at which one colour's range ends and the next one's begins; ranges are about the named hue. */
const HUE_ENDS: readonly (readonly [number, Colour])[] = [
  [14, 'red'],
  [41, 'orange'],
  [75, 'yellow'],
  [172, 'green'],
  [249, 'blue'],
  [330, 'purple'],
  [360, 'red'],
];

/** Hue of an RGB triple in degrees, 0..360 (0 for greys). */
export function hueOf(r: number, g: number, b: number): number {
  const high = Math.max(r, g, b);
  const chroma = high - Math.min(r, g, b);
  if (chroma === 0) return 0;
  let sector: number;
  if (high === r) sector = ((g - b) / chroma + 6) % 6;
  else if (high === g) sector = (b - r) / chroma + 2;
  else sector = (r - g) / chroma + 4;
  return 60 * sector;
}

/** Saturation (HSV) of an RGB triple, 0..1. */
export function saturationOf(r: number, g: number, b: number): number {
  const high = Math.max(r, g, b);
  return high === 0 ? 0 : (high - Math.min(r, g, b)) / high;
}

export function colourOfHue(hue_deg: number): Colour {
  for (const [end, name] of HUE_ENDS) if (hue_deg < end) return name;
  return 'red';
}

/**
 * Name of a surface's colour from its mean linear RGB. Light of one colour scales linear RGB, so the ratio of channels is
 * taken there and the hue in sRGB, in which the names are defined.
 */
export function colourOfLinear(r: number, g: number, b: number): Colour {
  const high = Math.max(r, g, b, 1e-9);
  const encode = (c: number): number => {
    const x = Math.max(0, c / high);
    return x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055;
  };
  return colourOfHue(hueOf(encode(r), encode(g), encode(b)));
}
