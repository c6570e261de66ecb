import { INPUT_CHANNELS, VISION_CLASSES } from '../../perception/index.ts';
import { elements, type ParameterSpec, parameterCount } from '../graph/index.ts';

/** Which of the two shipped networks: one asked always, and one asked where that is not sure enough. */
export const NETWORK_ROLES = ['fast', 'full'] as const;
export type NetworkRole = (typeof NETWORK_ROLES)[number];

/** Widths of one architecture: fine, middle and coarse stages have 1/2, 1/4 and 1/8 of the picture's rows and columns. */
export interface NetworkShape {
  readonly fine: number;
  readonly middle: number;
  readonly coarse: number;
  /** Dilations of the coarse stage's residual convolutions, which see far. */
  readonly dilations: readonly number[];
}

/** Multiples of 16, as a processor takes them at once. About 0.12 and 0.64 GFLOP for a picture of 160×120. */
export const NETWORK_SHAPES: Readonly<Record<NetworkRole, NetworkShape>> = {
  fast: { fine: 16, middle: 32, coarse: 64, dilations: [1, 2] },
  full: { fine: 32, middle: 64, coarse: 128, dilations: [1, 2, 4, 1] },
};

/** What every cell is told: log odds of the classes, nearness of a centre, and the way to the object's centre. */
export const HEAD_CHANNELS = { semantic: VISION_CLASSES.length, centre: 1, offset: 2 } as const;
export type Head = keyof typeof HEAD_CHANNELS;
export const HEADS: readonly Head[] = ['semantic', 'centre', 'offset'];

/** One convolution: square kernel, channels in and out. */
interface LayerSpec {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly k: 1 | 3;
  /** Of its first values against those that keep the variance (He et al., 2015). */
  readonly gain: number;
}

/** Convolutions in the order in which they are used; heads give 2×2 cells at once. */
export function layersOf({ fine, middle, coarse, dilations }: NetworkShape): LayerSpec[] {
  const layer = (name: string, inputs: number, outputs: number, k: 1 | 3 = 3, gain = 1): LayerSpec => {
    return { name, inputs, outputs, k, gain };
  };
  return [
    layer('fine', INPUT_CHANNELS, fine),
    layer('middle', fine, middle),
    layer('coarse', middle, coarse),
    ...dilations.map((_, i) => layer(`residual${i + 1}`, coarse, coarse, 3, 0.5)),
    layer('up1', coarse, middle, 1),
    layer('join1', middle, middle),
    layer('up2', middle, fine, 1),
    layer('join2', fine, fine),
    ...HEADS.map((head) => layer(head, fine, 4 * HEAD_CHANNELS[head], 1, 0.1)),
  ];
}

export function parametersOf(shape: NetworkShape): ParameterSpec[] {
  return layersOf(shape).flatMap(({ name, inputs, outputs, k, gain }) => [
    { name: `${name}/w`, shape: [outputs, inputs, k, k], deviation: gain * Math.sqrt(2 / (inputs * k * k)) },
    { name: `${name}/b`, shape: [outputs], deviation: 0 },
  ]);
}

export function parameterCountOf(shape: NetworkShape): number {
  return parameterCount(parametersOf(shape));
}

/** Multiplications and additions for one picture, convolutions alone. */
export function operationsOf(shape: NetworkShape, width: number, height: number): number {
  const scale = (name: string): number =>
    /^(coarse|residual|up1)/.test(name) ? 64 : /^(middle|join1|up2)/.test(name) ? 16 : 4;
  return layersOf(shape).reduce(
    (sum, { name, inputs, outputs, k }) => sum + (2 * elements([inputs, outputs, k, k]) * width * height) / scale(name),
    0,
  );
}
