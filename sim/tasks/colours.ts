import type { Colour, Rng, Vector3 } from '../../contracts/index.ts';

/** Nominal paint of every colour name, sRGB 0..1; hues 0, 27, 52, 126, 222 and 280 degrees. */
export const NOMINAL_RGB: Readonly<Record<Colour, Vector3>> = {
  red: [0.8, 0.11, 0.11],
  orange: [0.92, 0.46, 0.08],
  yellow: [0.9, 0.79, 0.1],
  green: [0.14, 0.58, 0.18],
  blue: [0.12, 0.3, 0.78],
  purple: [0.5, 0.18, 0.66],
};

/** Paint of one object: brightness within −10 and +5 %, every channel within ±0.02 of its nominal share. */
export function drawRgb(colour: Colour, rng: Rng): Vector3 {
  const brightness = rng.range(0.9, 1.05);
  const [r, g, b] = NOMINAL_RGB[colour];
  const channel = (value: number): number => Math.min(1, Math.max(0, value * brightness + rng.range(-0.02, 0.02)));
  return [channel(r), channel(g), channel(b)];
}
