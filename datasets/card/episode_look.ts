import { type EpisodeSeries, type JointSeries, readSeries } from '../recording/series.ts';
import type { StageSpan } from '../run/run_record.ts';
import { type Filmstrip, filmstrips } from './filmstrip.ts';

/** How far and how fast a joint went: rad, rad/s (m, m/s). */
export interface JointRange {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly fastest: number;
}

/** How often a camera gave a picture. */
export interface CameraRate {
  readonly camera: string;
  readonly kind: 'colour' | 'depth';
  readonly pictures: number;
  /** Of the median time between two pictures, Hz; 0 where there are fewer than two. */
  readonly rate_hz: number;
  /** 95th percentile of how far the time between two pictures is from its median, s. */
  readonly jitter_s: number;
  /** Of the messages, in the mean. */
  readonly bytes: number;
}

/** What a card shows of a recording. */
export interface EpisodeLook {
  readonly stages: readonly StageSpan[];
  readonly joints: readonly JointRange[];
  readonly cameras: readonly CameraRate[];
  readonly strips: readonly Filmstrip[];
}

/**
 * Looks through a recording; holds its numbers and small pictures only.
 * @param pictured  whether filmstrips are wanted
 * @throws InputError for a recording that cannot be read
 */
export async function lookAtEpisode(file: string, pictured: boolean): Promise<EpisodeLook> {
  const series = await readSeries(file);
  return {
    stages: stagesOf(series),
    joints: jointRanges(series.joints),
    cameras: series.pictures.map(({ camera, kind, time_s, bytes }) => ({
      ...{ camera, kind, pictures: time_s.length },
      ...rateOf(time_s),
      bytes: bytes.reduce((sum, size) => sum + size, 0) / Math.max(1, bytes.length),
    })),
    strips: pictured ? await filmstrips(file, series) : [],
  };
}

/** Stages as they were announced: `grasp, attempt 1`. */
function stagesOf({ notes, duration_s }: EpisodeSeries): StageSpan[] {
  const begun = notes.flatMap(({ time_s, name, text }) => {
    const [, stage] = /^(.{1,60}), attempt \d+$/.exec(text) ?? [];
    return name === 'pick_place' && stage !== undefined ? [{ name: stage, start_s: time_s }] : [];
  });
  return begun.map((stage, i) => ({ ...stage, end_s: begun[i + 1]?.start_s ?? Math.max(stage.start_s, duration_s) }));
}

function jointRanges(joints: JointSeries | null): JointRange[] {
  if (joints === null) return [];
  const { names, position, velocity } = joints;
  return names.map((name, j) => {
    let [low, high, fastest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
    for (let at = j; at < position.length; at += names.length) {
      if (position[at] < low) low = position[at];
      if (position[at] > high) high = position[at];
      if (Math.abs(velocity[at]) > fastest) fastest = Math.abs(velocity[at]);
    }
    return { name, low, high, fastest };
  });
}

function rateOf(time_s: Float64Array): Pick<CameraRate, 'rate_hz' | 'jitter_s'> {
  if (time_s.length < 2) return { rate_hz: 0, jitter_s: 0 };
  const periods = time_s
    .slice(1)
    .map((time, i) => time - time_s[i])
    .sort();
  const median = periods[periods.length >> 1];
  const off = periods.map((period) => Math.abs(period - median)).sort();
  return { rate_hz: median > 0 ? 1 / median : 0, jitter_s: off[Math.ceil(0.95 * off.length) - 1] };
}
