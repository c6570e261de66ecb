import type { DrillResult } from '../run_drills.ts';
import type { Timeline } from '../timeline.ts';

/** Before the fault and after its end, s. */
const BEFORE_S = 0.5;
const AFTER_S = 1.5;
const MOST_SAMPLES = 1500;

/** A moment of a drill, s after the fault. */
export interface Mark {
  readonly t: number;
  readonly label: string;
  readonly kind: 'fault' | 'seen' | 'limit' | 'end';
}

/** Columns of a drill's plot as the page's script takes them; t in s after the fault, speeds in rad/s (m/s), pace 0..1. */
export interface DrillPlot {
  readonly t: readonly number[];
  readonly speed: readonly (number | null)[];
  readonly undisturbed: readonly (number | null)[];
  readonly pace: readonly (number | null)[];
  readonly marks: readonly Mark[];
}

/** What is drawn of a drill; null where nothing was recorded. */
export function drillPlot({ measures, timeline, undisturbed, reaction }: DrillResult): DrillPlot | null {
  if (measures === null || timeline === null) return null;
  const { injected_s, ended_s } = measures;
  const shown = window(timeline, injected_s - BEFORE_S, injected_s + ended_s + AFTER_S);
  const beside = new Map(undisturbed?.time_s.map((at_s, k) => [at_s, undisturbed.speed[k]]) ?? []);
  const mark = (t: number | null, label: string, kind: Mark['kind']): Mark[] =>
    t === null ? [] : [{ t, label, kind }];
  return {
    t: shown.map((k) => round(timeline.time_s[k] - injected_s)),
    speed: shown.map((k) => round(timeline.speed[k])),
    undisturbed: shown.map((k) => {
      const speed = beside.get(timeline.time_s[k]);
      return speed === undefined ? null : round(speed);
    }),
    pace: paces(timeline, shown),
    marks: [
      ...mark(0, 'fault', 'fault'),
      ...mark(measures.detected_s, 'detected', 'seen'),
      ...mark(measures.degraded_s, reaction.degradation, 'seen'),
      ...mark(measures.effect_s, 'first effect', 'seen'),
      ...mark(measures.standstill_s, 'stands', 'seen'),
      ...mark(reaction.within_s, 'declared', 'limit'),
      ...mark(ended_s, 'fault over', 'end'),
      ...mark(measures.recovered_s, 'normal work', 'end'),
    ],
  };
}

/** Cycles of a stretch of time, thinned evenly. */
function window({ time_s }: Timeline, from_s: number, to_s: number): number[] {
  const all: number[] = [];
  for (let k = 0; k < time_s.length; k++) if (time_s[k] >= from_s && time_s[k] <= to_s) all.push(k);
  const every = Math.max(1, Math.ceil(all.length / MOST_SAMPLES));
  return all.filter((_, i) => i % every === 0);
}

/** The pace last told at each of these cycles. */
function paces({ time_s, states }: Timeline, cycles: readonly number[]): (number | null)[] {
  let [next, pace]: [number, number | null] = [0, null];
  return cycles.map((k) => {
    while (next < states.length && states[next].at_s <= time_s[k]) pace = states[next++].state.pace;
    return pace;
  });
}

const round = (value: number): number => Math.round(value * 1e4) / 1e4;
