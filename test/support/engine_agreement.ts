import { createRng } from '../../contracts/index.ts';
import { apart, drawCase, drawNudge, KINDS, type ManipulationCase, playCase } from './manipulation_cases.ts';

/** A case counts if a nudge moves its end by less in each engine; those that count agree if their ends are as near. */
export const COUNTS = { m: 1e-3, rad: (0.5 * Math.PI) / 180 } as const;
export const AGREE = { m: 5e-3, rad: (2 * Math.PI) / 180 } as const;

export interface Agreement {
  readonly of: number;
  readonly counted: number;
  readonly agreed: number;
  /** Median distance of the ends of the counted cases of each kind, mm. */
  readonly median_mm: Readonly<Record<ManipulationCase['kind'], number>>;
  /** One line for each case that counted and differed. */
  readonly differing: readonly string[];
}

/** Plays seeded cases in both engines, as they are and nudged. */
export function engineAgreement(engines: readonly [string, string], seed: number, count: number): Agreement {
  const distances: Record<ManipulationCase['kind'], number[]> = { push: [], grasp: [], place: [] };
  const differing: string[] = [];
  let counted = 0;
  for (let index = 0; index < count; index++) {
    const item = drawCase(seed, index);
    const nudge = drawNudge(createRng(seed).stream(`nudge/${index}`));
    const ends = engines.map((engine) => {
      const end = playCase(engine, item);
      return { end, moved: apart(item.shape, end, playCase(engine, item, nudge)) };
    });
    if (ends.some(({ moved }) => moved.m >= COUNTS.m || moved.rad >= COUNTS.rad)) continue;
    counted++;
    const { m, rad } = apart(item.shape, ends[0].end, ends[1].end);
    distances[item.kind].push(1000 * m);
    if (m < AGREE.m && rad < AGREE.rad) continue;
    const degrees = (rad * 180) / Math.PI;
    differing.push(`seed ${seed}, case ${index}: ${item.kind} ${item.shape.type} ${1000 * m} mm, ${degrees}°`);
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
  const [push, grasp, place] = KINDS.map((kind) => median(distances[kind]));
  const agreed = counted - differing.length;
  return { of: count, counted, agreed, median_mm: { push, grasp, place }, differing };
}
