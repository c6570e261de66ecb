import type { Detections } from '../../contracts/index.ts';
import { CLASSICAL_MODEL, DEFAULT_MODEL, type DetectorOptions, openDetector } from '../../perception/index.ts';
import { findPictures, readFrame } from './read_frames.ts';

export const PERCEIVE_PROVIDERS = ['cpu', 'cuda', 'webgpu', 'classical'] as const;

export interface PerceiveOptions {
  readonly images: string;
  /** null: the shipped model, with the classical detector behind it. A model that is named must work. */
  readonly model: string | null;
  readonly ep: (typeof PERCEIVE_PROVIDERS)[number];
  /** The user's own models; by default none. */
  readonly own?: DetectorOptions['own'];
  /** Is told what people should know of the model. */
  readonly onNote?: (note: string) => void;
}

/** Detections of one picture as they stand in the output file. */
export type PictureDetections = Omit<Detections, 'stamp_ns' | 'request_id'> & { readonly image: string };

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface PerceiveSummary {
  readonly images: number;
  readonly ep: PerceiveOptions['ep'];
  readonly model: string;
  readonly model_sha256: string | null;
  /** Where the network ran on the last picture; null where none did. */
  readonly provider: string | null;
  /** True if any picture was answered elsewhere than asked for: by another provider, or by colour and depth. */
  readonly degraded: boolean;
  readonly degraded_reason: string;
  readonly detections: number;
  readonly latency_ms: Readonly<Record<'pre' | 'model' | 'post' | 'total', Percentiles>>;
  /** From opening the detector to the end of the first picture, ms. */
  readonly cold_ms: number;
}

/** Detects in every picture of a folder. The first picture is done once more before: that is the cold time. */
export async function perceivePictures(
  options: PerceiveOptions,
): Promise<{ summary: PerceiveSummary; pictures: PictureDetections[] }> {
  const folders = findPictures(options.images);
  const first = readFrame(folders[0]);
  const stopwatch = (): number => performance.now() / 1000;
  const start = stopwatch();
  const named = options.ep === 'classical' ? CLASSICAL_MODEL : (options.model ?? DEFAULT_MODEL);
  const settings: DetectorOptions = {
    stopwatch,
    own: options.own ?? null,
    onNote: options.onNote ?? (() => {}),
    fallback: named === DEFAULT_MODEL,
    ...(options.ep === 'classical' || options.ep === 'cpu' ? {} : { providers: [options.ep, 'cpu', 'classical'] }),
  };
  const detector = await openDetector(named, settings);
  await detector.detect(first);
  const cold_ms = 1000 * (stopwatch() - start);
  const pictures: PictureDetections[] = [];
  const times = { pre: [] as number[], model: [] as number[], post: [] as number[], total: [] as number[] };
  try {
    for (const folder of folders) {
      const { stamp_ns: _stamp, request_id: _id, ...found } = await detector.detect(readFrame(folder));
      const { pre_s, model_s, post_s } = detector.timing;
      times.pre.push(1000 * pre_s);
      times.model.push(1000 * model_s);
      times.post.push(1000 * post_s);
      times.total.push(1000 * (pre_s + model_s + post_s));
      pictures.push({ image: folder, ...found });
    }
  } finally {
    await detector.close();
  }
  const degraded_reason = pictures.find((picture) => picture.degraded_reason !== '')?.degraded_reason ?? '';
  const summary: PerceiveSummary = {
    images: pictures.length,
    ep: options.ep,
    model: detector.model,
    model_sha256: detector.model_sha256,
    provider: detector.placement?.provider ?? null,
    degraded: degraded_reason !== '',
    degraded_reason,
    detections: pictures.reduce((sum, picture) => sum + picture.detections.length, 0),
    latency_ms: {
      pre: percentiles(times.pre),
      model: percentiles(times.model),
      post: percentiles(times.post),
      total: percentiles(times.total),
    },
    cold_ms,
  };
  return { summary, pictures };
}

/** Nearest-rank percentiles. */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (q: number): number => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
