import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { ApproachRun } from '../../test/support/approach_run.ts';
import { partsAsked } from '../../test/support/parts.ts';

const ROBOT = loadRobot('panda', { visualMeshes: false });
const LONG_MS = 1_800_000;
/** Parts that each stand for themselves, so that a run that is broken off has proven what it got to. */
const PARTS = 80;
const PART = 250;
/** More than half of them demand standstill, the others allow a contact speed, in turn. */
const parts = partsAsked(PARTS).map((seed) => [seed, seed % 9 < 5 ? 0 : 0.2] as const);

it.each(parts)(
  '250 approaches of seed %i touch no surface faster than %f m/s',
  (seed, contact_speed_m_per_s) => {
    const run = new ApproachRun(ROBOT, createRng(100 + seed, 'approaches'), { contact_speed_m_per_s });
    for (let i = 0; i < PART; i++) run.trial(i);
    expect(run.tally.trials).toBe(PART);
    expect(run.tally.out_of_bounds).toBe(0);
    expect(run.tally.contacts).toBeGreaterThan(PART / 5);
    expect(run.tally.stopped).toBeGreaterThan(PART / 5);
    expect(run.tally.fastest).toBeLessThanOrEqual(contact_speed_m_per_s + 1e-6);
  },
  LONG_MS,
);

it.each([{ speed: 1.5 }, { speed: 2.5 }, { speed: 4 }, { delay: 2 }, { delay: 4 }])(
  'bodies beyond their bounds find the arm stopping: %j',
  (beyond) => {
    const run = new ApproachRun(ROBOT, createRng(7, 'beyond'), { contact_speed_m_per_s: 0, ...beyond });
    for (let i = 0; i < 4 * PART; i++) run.trial(i);
    process.stdout.write(`${run.untold} of ${run.tally.trials} touched a moving arm before any track could tell\n`);
    expect(run.unstopped).toBe(0);
  },
  LONG_MS,
);
