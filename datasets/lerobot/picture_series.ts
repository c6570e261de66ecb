import { type RecordedPicture, readPictures } from '../recording/pictures.ts';
import type { EpisodeSeries } from '../recording/series.ts';
import type { PictureFeature } from './feature.ts';
import type { SourceRecord } from './kept_feature.ts';
import { holdPicture } from './picture_column.ts';

/** A topic with pictures that is kept, and the key of its feature. */
export interface ChosenPictures {
  readonly topic: string;
  readonly key: string;
  readonly kind: 'colour' | 'depth';
}

/** Pictures of one topic in order of their stamps, all of one size. */
export interface PictureColumn {
  readonly feature: PictureFeature;
  readonly time_s: Float64Array;
  readonly files: readonly Uint8Array[];
}

export interface BadPictures {
  readonly topic: string;
  readonly messages: number;
  readonly why: string;
}

/** Which topics with pictures are kept, and what their features are called; foreign ones as they were. */
export function choosePictures(
  { pictures }: EpisodeSeries,
  { cameras, depth }: { readonly cameras: readonly string[] | null; readonly depth: boolean },
  source: SourceRecord | null,
): readonly ChosenPictures[] {
  const chosen = pictures
    .filter(
      ({ camera, kind }) => (cameras?.includes(camera) ?? true) && (depth || source !== null || kind === 'colour'),
    )
    .map(({ topic, camera, kind }) => ({ topic, kind, key: source?.pictures[topic] ?? keyOf(camera, kind) }));
  return chosen.filter(({ key }, k) => chosen.findIndex((other) => other.key === key) === k);
}

const keyOf = (camera: string, kind: 'colour' | 'depth') =>
  `observation.images.${camera}${kind === 'depth' ? '_depth' : ''}`;

/** Reads them, a recording at a time. Pictures that cannot be held, or of another size than the first, are told and left out. */
export async function readPictureColumns(
  path: string,
  { start_ns }: Pick<EpisodeSeries, 'start_ns'>,
  chosen: readonly ChosenPictures[],
): Promise<{ readonly columns: readonly PictureColumn[]; readonly bad: readonly BadPictures[] }> {
  const collected = new Map(chosen.map((each) => [each.topic, new Collected(each)]));
  if (chosen.length === 0) return { columns: [], bad: [] };
  for await (const picture of readPictures(path, [...collected.keys()]))
    await collected.get(picture.topic)?.add(picture, Number(picture.stamp_ns - start_ns) / 1e9);
  const all = [...collected.values()];
  return {
    columns: all.map((each) => each.column()).filter((column) => column !== null),
    bad: all.flatMap((each) => each.bad()),
  };
}

class Collected {
  private readonly chosen: ChosenPictures;
  private size: { readonly width: number; readonly height: number; readonly channels: number } | null = null;
  private readonly pictures: { readonly time_s: number; readonly bytes: Uint8Array }[] = [];
  private readonly reasons = new Map<string, number>();

  constructor(chosen: ChosenPictures) {
    this.chosen = chosen;
  }

  async add(picture: RecordedPicture, time_s: number): Promise<void> {
    const held = await holdPicture(picture);
    if ('why' in held) return this.refuse(held.why);
    const { bytes, width, height, channels } = held;
    this.size ??= { width, height, channels };
    if (width !== this.size.width || height !== this.size.height || channels !== this.size.channels)
      return this.refuse(
        `${width}×${height}×${channels}, not ${this.size.width}×${this.size.height}×${this.size.channels}`,
      );
    this.pictures.push({ time_s, bytes });
  }

  column(): PictureColumn | null {
    if (this.size === null) return null;
    const sorted = this.pictures.sort((a, b) => a.time_s - b.time_s);
    return {
      feature: { ...this.chosen, ...this.size },
      time_s: Float64Array.from(sorted, ({ time_s }) => time_s),
      files: sorted.map(({ bytes }) => bytes),
    };
  }

  bad(): readonly BadPictures[] {
    return [...this.reasons].map(([why, messages]) => ({ topic: this.chosen.topic, messages, why }));
  }

  private refuse(why: string): void {
    this.reasons.set(why, (this.reasons.get(why) ?? 0) + 1);
  }
}
