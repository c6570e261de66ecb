import type { EpisodeRecord } from '../run/run_record.ts';

/** Columns of an episode's plots as the page's script takes them. */
export interface PlotData {
  readonly t: readonly number[];
  /** One row a joint. */
  readonly q: readonly (readonly number[])[];
  readonly joints: readonly string[];
  readonly speed: readonly (number | null)[];
  readonly stages: readonly {
    readonly name: string;
    readonly from: number;
    readonly to: number;
    readonly hue: number;
  }[];
  readonly events: readonly number[];
}

export const MAX_SAMPLES = 600;

/**
 * Indices of at most `limit` samples out of `values`: the first, the last, and of every equal stretch between them the one
 * with the greatest value, so that peaks survive.
 */
export function thin(values: readonly number[], limit: number): number[] {
  const n = values.length;
  if (n <= limit) return values.map((_, i) => i);
  const kept = [0];
  const stretches = limit - 2;
  for (let k = 0; k < stretches; k++) {
    const from = 1 + Math.floor((k * (n - 2)) / stretches);
    const to = 1 + Math.floor(((k + 1) * (n - 2)) / stretches);
    let best = from;
    for (let i = from + 1; i < to; i++) if (values[i] > values[best]) best = i;
    kept.push(best);
  }
  kept.push(n - 1);
  return kept;
}

export function plotData(episode: EpisodeRecord): PlotData {
  const kept = thin(episode.tool_speed, MAX_SAMPLES);
  return {
    t: kept.map((i) => round(episode.time_s[i], 1e3)),
    q: episode.joint_names.map((_, joint) => kept.map((i) => round(episode.joint_position[i][joint], 1e4))),
    joints: episode.joint_names,
    speed: kept.map((i) => (Number.isFinite(episode.tool_speed[i]) ? round(episode.tool_speed[i], 1e4) : null)),
    stages: episode.stages.map(({ name, start_s, end_s }) => ({
      name,
      from: round(start_s, 1e3),
      to: round(end_s, 1e3),
      hue: stageHue(name),
    })),
    events: episode.interventions.map(({ time_s }) => round(time_s, 1e3)),
  };
}

const HUES: Readonly<Record<string, number>> = {
  perceive: 265,
  plan: 215,
  approach: 190,
  grasp: 28,
  lift: 140,
  transfer: 165,
  place: 330,
  retreat: 90,
  safety: 0,
};

/** Hue of a stage, degrees: fixed for the known ones, spread by name for others. */
export function stageHue(name: string): number {
  const known = HUES[name];
  if (known !== undefined) return known;
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (31 * hash + name.charCodeAt(i)) % 360;
  return hash;
}

const round = (value: number, scale: number): number => Math.round(value * scale) / scale;
