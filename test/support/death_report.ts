import { expect } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { DeathRig } from './death_rig.ts';
import { DEATHS, type Verdict } from './death_trial.ts';

/** From the signal to the arm's deceleration, s; from the end of the lease to the gate's first slower command, cycles. */
const MOST_REACTION_S = 0.1;
const MOST_CYCLES = 2;

/** Runs `count` trials, the kinds by turns, replacing those in which the arm was not in its cruise when struck. */
export async function runTrials(seed: number, count: number): Promise<Verdict[]> {
  const rig = await DeathRig.start(createRng(seed, 'death'));
  let verdicts: Verdict[] = [];
  try {
    for (let i = 0; i < count + rig.spoilt; i++) {
      if (rig.spoilt > count) throw new Error(`${rig.spoilt} motions ended before anything was done to them`);
      await rig.trial(DEATHS[i % DEATHS.length]);
    }
  } finally {
    verdicts = await rig.finish();
  }
  process.stdout.write(`${summary(verdicts)}\n${rig.spoilt} trials not counted: the arm was not in steady motion\n`);
  return verdicts;
}

/** One line for each kind: how many, the slowest reaction, and stops beside what they may take, ms. */
function summary(verdicts: readonly Verdict[]): string {
  const ms = (s: number) => (1000 * s).toFixed(0);
  const worst = (of: readonly number[]) => of.reduce((most, value) => Math.max(most, value), 0);
  return DEATHS.map((death) => {
    const kind = verdicts.filter((verdict) => verdict.death === death);
    if (kind.length === 0) return `${death}: none`;
    const speeds = kind.map(({ speed }) => speed);
    const tightest = kind.reduce((a, b) => (a.bound_s - a.stopping_s < b.bound_s - b.stopping_s ? a : b));
    return [
      `${death}: ${kind.length} at ${Math.min(...speeds).toFixed(2)} to ${worst(speeds).toFixed(2)} rad/s`,
      `slower after at most ${ms(worst(kind.map(({ reaction_s }) => reaction_s)))} ms`,
      `stops of ${ms(Math.min(...kind.map(({ stopping_s }) => stopping_s)))} to ${ms(worst(kind.map(({ stopping_s }) => stopping_s)))} ms`,
      `the one nearest its bound ${ms(tightest.stopping_s)} of ${ms(tightest.bound_s)} ms`,
      `${kind.filter(({ watchdog }) => watchdog).length} by the arm's watchdog`,
    ].join(', ');
  }).join('\n');
}

/** What must hold of every trial. */
export function expectStopped(verdicts: readonly Verdict[]): void {
  const wrong = verdicts.filter(
    ({ death, reaction_s, stopping_s, bound_s, cycles, watchdog }) =>
      !(reaction_s > 0 && reaction_s <= MOST_REACTION_S) ||
      !(stopping_s <= bound_s + 1e-9) ||
      !(cycles === null || cycles <= MOST_CYCLES) ||
      (death.startsWith('control') && !watchdog),
  );
  expect(wrong).toEqual([]);
}
