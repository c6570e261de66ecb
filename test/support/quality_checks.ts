import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import type { EpisodeSeries, Evidence, JointSeries, Observation } from '../../datasets/index.ts';
import { plausibleEvidence } from './quality_evidence.ts';
import { FAULTS } from './quality_faults.ts';

type Check = (evidence: Evidence) => readonly Observation[];
type Camera = Evidence['cameras'][number];

export const graveOf = (found: readonly Observation[]): readonly Observation[] =>
  found.filter(({ severity }) => severity !== 'note');

const SEEDS = [500, 501, 502];
const good = new Map<number, Evidence>();

/** A plausible episode, made once. */
export function goodEpisode(seed: number): Evidence {
  const made = good.get(seed) ?? plausibleEvidence(seed);
  good.set(seed, made);
  return made;
}

/** Laws of every check: silent in good episodes; faults that it tells are found from their stated strength on, with a place and a number. */
export function tellsFaults(find: Check, ...names: readonly string[]): void {
  it('is silent in good episodes', () => {
    for (const seed of SEEDS) expect(graveOf(find(goodEpisode(seed))), `seed ${seed}`).toEqual([]);
  });
  const told_by = FAULTS.filter(({ told_as }) => told_as.some((name) => names.includes(name)));
  it.each(told_by.map((fault) => [fault.name, fault] as const))('finds: %s', (name, fault) => {
    for (const seed of SEEDS) {
      for (const strength of fault.strengths.filter((each) => each >= fault.found_from)) {
        const of = fault.apply(goodEpisode(seed), strength, createRng(seed, name));
        const told = graveOf(find(of)).filter(({ check }) => fault.told_as.includes(check));
        expect(told.length, `seed ${seed}, ${strength} ${fault.unit}`).toBeGreaterThan(0);
        for (const { detail, fix, from_s, to_s } of told) {
          expect(detail).toMatch(/\d/);
          expect(fix).not.toBe('');
          expect(from_s).toBeLessThanOrEqual(to_s);
        }
      }
    }
  });
}

/** An episode with nothing in it but what is given. */
export function bareEpisode(series: Partial<EpisodeSeries>, rest: Partial<Evidence> = {}): Evidence {
  const nothing = { topics: new Map(), joints: null, command: null, wrench: null, pictures: [], safety: [], notes: [] };
  return {
    series: { start_ns: 0n, duration_s: 6, ...nothing, ...series },
    ...{ cameras: [], limits: new Map(), metadata: new Map() },
    outcome: { success: null, stage: '', reason: '' },
    ...rest,
  };
}

/** Even stamps: the first at `from_s`, the last before the end. */
export const evenStamps = (rate_hz: number, seconds: number, from_s = 0): Float64Array =>
  Float64Array.from({ length: Math.floor((seconds - from_s) * rate_hz) }, (_, k) => from_s + k / rate_hz);

/** Joints whose positions are `position(t, joint)`, with its slope as velocities, or `velocity`. */
export function jointsAt(
  time_s: Float64Array,
  position: (t: number, joint: number) => number,
  given: Partial<JointSeries> & { readonly speed?: (t: number, joint: number) => number } = {},
): JointSeries {
  const { speed = (t, i) => (position(t + 1e-4, i) - position(t - 1e-4, i)) / 2e-4, ...rest } = given;
  const names = rest.names ?? ['arm_joint1'];
  const n = names.length;
  const rows = (of: (t: number, joint: number) => number) =>
    Float64Array.from({ length: time_s.length * n }, (_, i) => of(time_s[Math.floor(i / n)], i % n));
  return {
    ...{ names, time_s, logged_s: time_s, position: rows(position), velocity: rows(speed) },
    ...{ effort: new Float64Array(time_s.length * n), ...rest },
  };
}

/** A camera of plain pictures, every one a little different, but for the columns given. */
export function cameraAt(time_s: Float64Array, columns: Partial<Camera> = {}): Camera {
  const all = (value: number) => time_s.map(() => value);
  return {
    ...{ topic: '/overview/image', camera: 'overview', time_s, logged_s: time_s },
    ...{ brightness: all(120), black_share: all(0), white_share: all(0), sharpness: all(0.9), contrast: all(8) },
    ...{ motion: all(0.05), change: all(60), same: new Uint8Array(time_s.length) },
    ...{ hash: Array.from(time_s, () => '0'.repeat(16)), broken_s: [] },
    ...columns,
  };
}

/** The same episode, all of it `by_s` later. */
export function later({ series, cameras, ...rest }: Evidence, by_s: number): Evidence {
  const moved = <T extends { readonly time_s: Float64Array; readonly logged_s: Float64Array }>(of: T): T => ({
    ...of,
    time_s: of.time_s.map((t) => t + by_s),
    logged_s: of.logged_s.map((t) => t + by_s),
  });
  const { joints, command, wrench, pictures, duration_s } = series;
  return {
    series: {
      ...series,
      duration_s: duration_s + by_s,
      joints: joints && moved(joints),
      command: command && moved(command),
      wrench: wrench && { ...wrench, time_s: wrench.time_s.map((t) => t + by_s) },
      pictures: pictures.map(moved),
      notes: series.notes.map((note) => ({ ...note, time_s: note.time_s + by_s })),
    },
    cameras: cameras.map(moved),
    ...rest,
  };
}

/** The same findings of an episode and of one that is later by `by_s`, at places that are later by as much. */
export function movesWithTime(find: Check, evidence: Evidence, by_s: number): void {
  const [now, then] = [find(evidence), find(later(evidence, by_s))];
  expect(now.length).toBeGreaterThan(0);
  expect(then.map(({ check, severity }) => [check, severity])).toEqual(
    now.map(({ check, severity }) => [check, severity]),
  );
  for (const [k, { from_s, to_s }] of then.entries()) {
    expect(from_s - now[k].from_s).toBeCloseTo(by_s, 6);
    expect(to_s - now[k].to_s).toBeCloseTo(by_s, 6);
  }
}
