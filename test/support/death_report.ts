import { expect } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { DeathRig } from './death_rig.ts';
import { DEATHS, declaredReaction_s, STOPS, type Trouble, type Verdict } from './death_trial.ts';
import type { RosTestbed } from './ros.ts';
import { StopRig } from './stop_rig.ts';

/** From the end of the lease to the gate's first slower command, cycles. */
const MOST_CYCLES = 2;
/** Rounding of what was sent, as a part of the limit. */
const SLACK = 1e-6;

/** Runs `count` deaths, the kinds by turns, replacing those in which the arm was not in its cruise when struck. */
export async function runTrials(seed: number, count: number): Promise<Verdict[]> {
  return run(await DeathRig.start(createRng(seed, 'death')), DEATHS, count);
}

/** The same of stops that are asked for and of sources that fall silent; `ros` null for a bus within one process. */
export async function runStops(seed: number, count: number, ros: RosTestbed | null): Promise<Verdict[]> {
  const rig = await StopRig.startOn(ros, createRng(seed, 'stop'));
  const verdicts = await run(rig, STOPS, count);
  process.stdout.write(
    `${rig.stalled} of these: an empty loop stalled before; ${ros === null ? 'no ROS' : 'over ROS'}\n`,
  );
  return verdicts;
}

async function run(rig: DeathRig, kinds: readonly Trouble[], count: number): Promise<Verdict[]> {
  let verdicts: Verdict[] = [];
  try {
    for (let i = 0; i < count + rig.spoilt; i++) {
      if (rig.spoilt > 3 * count) throw new Error(`${rig.spoilt} motions ended before anything was done to them`);
      await rig.trial(kinds[i % kinds.length]);
    }
  } finally {
    verdicts = await rig.finish();
  }
  process.stdout.write(
    `${summary(kinds, verdicts)}\n${rig.spoilt} trials not counted: the arm was not in steady motion\n`,
  );
  return verdicts;
}

/** One line for each kind: how many, the slowest reaction, stops beside what they may take, ms, and shares of limits, %. */
function summary(kinds: readonly Trouble[], verdicts: readonly Verdict[]): string {
  const ms = (s: number) => (1000 * s).toFixed(0);
  const worst = (of: readonly number[]) => of.reduce((most, value) => Math.max(most, value), 0);
  const percent = (of: readonly (number | null)[]) => (100 * worst(of.map((share) => share ?? 0))).toFixed(1);
  return kinds
    .map((death) => {
      const kind = verdicts.filter((verdict) => verdict.death === death);
      if (kind.length === 0) return `${death}: none`;
      const speeds = kind.map(({ speed }) => speed);
      const reactions = kind.map(({ reaction_s }) => reaction_s).sort((a, b) => a - b);
      const tightest = kind.reduce((a, b) => (a.bound_s - a.stopping_s < b.bound_s - b.stopping_s ? a : b));
      const shares = kind.map((verdict) => verdict.shares);
      return [
        `${death}: ${kind.length} at ${Math.min(...speeds).toFixed(2)} to ${worst(speeds).toFixed(2)} rad/s`,
        `slower after at most ${ms(worst(reactions))} ms of ${ms(declaredReaction_s(death))} (median ${ms(reactions[kind.length >> 1])})`,
        `stops of ${ms(Math.min(...kind.map(({ stopping_s }) => stopping_s)))} to ${ms(worst(kind.map(({ stopping_s }) => stopping_s)))} ms`,
        `the one nearest its bound ${ms(tightest.stopping_s)} of ${ms(tightest.bound_s)} ms`,
        ...(shares.every(({ sent_jerk }) => sent_jerk === null)
          ? []
          : [
              `sent at most ${percent(shares.map(({ sent_acceleration }) => sent_acceleration))} % of acceleration`,
              `${percent(shares.map(({ sent_jerk }) => sent_jerk))} % of jerk`,
            ]),
        `the arm ${percent(shares.map(({ acceleration }) => acceleration))} % of acceleration`,
        `${percent(shares.map(({ torque }) => torque))} % of torque`,
        `${kind.filter(({ watchdog }) => watchdog).length} by the arm's watchdog`,
      ].join(', ');
    })
    .join('\n');
}

/** What must hold of every trial. */
export function expectStopped(verdicts: readonly Verdict[]): void {
  const wrong = verdicts.filter(
    ({ death, reaction_s, stopping_s, bound_s, cycles, watchdog, shares }) =>
      !(reaction_s > 0 && reaction_s <= declaredReaction_s(death)) ||
      !(stopping_s <= bound_s + 1e-9) ||
      !(cycles === null || cycles <= MOST_CYCLES) ||
      !((shares.sent_acceleration ?? 0) <= 1 + SLACK && (shares.sent_jerk ?? 0) <= 1 + SLACK) ||
      !(shares.torque <= 1) ||
      (death.startsWith('control') && !watchdog),
  );
  expect(wrong).toEqual([]);
}
