import { z } from 'zod';

/** Types of numbers that a feature may have; int64 come as numbers here. */
export const NUMBER_TYPES = [
  'float32',
  'float64',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'bool',
] as const;
export type NumberType = (typeof NUMBER_TYPES)[number];

/** A column of numbers. */
export interface NumberFeature {
  readonly key: string;
  readonly dtype: NumberType;
  readonly shape: readonly number[];
  readonly names: readonly string[] | null;
  /** Of each value; of what was not told empty. */
  readonly units: readonly string[];
}

/** A column of pictures. */
export interface PictureFeature {
  readonly key: string;
  readonly topic: string;
  readonly kind: 'colour' | 'depth';
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** A column of texts. */
export interface TextFeature {
  readonly key: string;
}

/** What every row of a set has, beside its indices and its time. */
export interface FeatureSet {
  readonly numbers: readonly NumberFeature[];
  readonly pictures: readonly PictureFeature[];
  readonly texts: readonly TextFeature[];
}

export const widthOf = ({ shape }: Pick<NumberFeature, 'shape'>): number => shape.reduce((n, size) => n * size, 1);

/** Columns that every set has. */
export const INDEX_FEATURES: readonly NumberFeature[] = [
  { key: 'timestamp', dtype: 'float32', shape: [1], names: null, units: ['s'] },
  { key: 'frame_index', dtype: 'int64', shape: [1], names: null, units: [''] },
  { key: 'episode_index', dtype: 'int64', shape: [1], names: null, units: [''] },
  { key: 'index', dtype: 'int64', shape: [1], names: null, units: [''] },
  { key: 'task_index', dtype: 'int64', shape: [1], names: null, units: [''] },
];

/** A feature as info.json says it; foreign ones have more. */
export const writtenFeature = z.looseObject({
  dtype: z.string().max(40),
  shape: z.array(z.number().int().positive().max(1e8)).max(5),
  names: z.unknown().optional(),
});
export type WrittenFeature = Readonly<z.infer<typeof writtenFeature>>;

/** Whether two sets have the same columns; what differs in words, else empty. */
export function difference(a: FeatureSet, b: FeatureSet): string {
  const described = ({ numbers, pictures, texts }: FeatureSet) =>
    new Map([
      ...numbers.map((f) => [f.key, `${f.dtype} ${f.shape.join('×')} ${f.names?.join(' ') ?? ''}`] as const),
      ...pictures.map((f) => [f.key, `${f.kind} ${f.width}×${f.height}×${f.channels}`] as const),
      ...texts.map((f) => [f.key, 'text'] as const),
    ]);
  const [have, want] = [described(a), described(b)];
  for (const [key, what] of want)
    if (have.get(key) !== what) return `${key} is ${have.get(key) ?? 'missing'}, not ${what}`;
  for (const key of have.keys()) if (!want.has(key)) return `${key} is more than the others have`;
  return '';
}
