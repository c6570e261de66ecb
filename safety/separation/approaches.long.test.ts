import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { ApproachRun } from '../../test/support/approach_run.ts';

const ROBOT = loadRobot('panda', { visualMeshes: false });
/** Approaches of one seed; eleven seeds at rest, nine at a contact speed. */
const PART = 1000;

it.each(Array.from({ length: 20 }, (_, seed) => [seed, seed < 11 ? 0 : 0.2] as const))(
  'a thousand approaches of seed %i touch no surface faster than %f m/s',
  (seed, contact_speed_m_per_s) => {
    const run = new ApproachRun(ROBOT, createRng(100 + seed, 'approaches'), { contact_speed_m_per_s });
    for (let i = 0; i < PART; i++) run.trial(i);
    expect(run.tally.out_of_bounds).toBe(0);
    expect(run.tally.contacts).toBeGreaterThan(PART / 4);
    expect(run.tally.stopped).toBeGreaterThan(PART / 4);
    expect(run.tally.fastest).toBeLessThanOrEqual(contact_speed_m_per_s + 1e-6);
  },
);

it.each([{ speed: 1.5 }, { speed: 2.5 }, { speed: 4 }, { delay: 2 }, { delay: 4 }])(
  'bodies beyond their bounds find the arm stopping: %j',
  (beyond) => {
    const run = new ApproachRun(ROBOT, createRng(7, 'beyond'), { contact_speed_m_per_s: 0, ...beyond });
    for (let i = 0; i < PART; i++) run.trial(i);
    expect(run.unstopped).toBe(0);
  },
);
