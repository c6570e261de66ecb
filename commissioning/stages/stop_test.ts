import type { JointTrajectory } from '../../contracts/index.ts';
import { carry, MOST_TRIES, whereIs } from '../carry.ts';
import { type MoveLimits, slowMove } from '../slow_move.ts';
import {
  checkInterrupted,
  failure,
  note,
  outcomeOf,
  type Stage,
  StageFailed,
  type StageOutcome,
  type StageRig,
} from '../stage.ts';
import { type StopResponse, type StopStatistics, stopResponse, stopStatistics } from '../stop_response.ts';

/** Joints are swept this far, rad, at this share of their speeds. */
const SWEEP_RAD = 0.25;
const SHARE = 0.05;
/** Below what an arm may do whose commissioning is not finished. */
const LIMITS: MoveLimits = { share: SHARE, tool_speed_m_per_s: 0.045 };
/** A stop is asked for this part of the sweep's time after its start, when the speed is even. */
const ASK_AT = 0.45;
/** Part of the planned speed that it must have then. */
const MOVES = 0.7;
/** How long after it the joint states are kept, s. */
const KEEP_S = 1;
/** Control cycle, message and broadcaster of a sound driver, besides the delay that it puts in itself, s. */
const USUAL_S = 0.015;
/** Latency beyond that which is a fault of its own, whatever stops may take, s. */
const MOST_EXTRA_S = 0.03;

/** Stops the arm at 5 % speed, many times, and times it from the request to the first deceleration and to standstill. */
export const stopTest: Stage = {
  name: 'stop_test',
  purpose: `sweeps the joints by ${SWEEP_RAD} rad at ${100 * SHARE} % speed and stops in between`,
  moves: true,
  async run(rig) {
    const { settings, progress, say } = rig;
    const responses: StopResponse[] = [];
    await rig.arm.reset();
    for (let k = 0; k < settings.stop_trials; k++) {
      checkInterrupted(rig);
      responses.push(await trial(rig, k));
      progress((k + 1) / settings.stop_trials);
      const { deceleration_s, standstill_s } = responses[k];
      const ms = (s: number | null) => (s === null ? 'never' : `${(1000 * s).toFixed(0)} ms`);
      say(`stop ${k + 1}: slower after ${ms(deceleration_s)}, standing after ${ms(standstill_s)}`);
    }
    return judgeStopTest(stopStatistics(responses), rig);
  },
};

/** Of one joint after the other, towards where it has room, and back. */
export function stopSweep({ robot, envelope }: Pick<StageRig, 'robot' | 'envelope'>, from: Float64Array, k: number) {
  const to = from.slice();
  const joint = k % robot.arm_joints;
  const { position_lower_rad, position_upper_rad } = envelope.joints[joint];
  const room = position_upper_rad - from[joint] > from[joint] - position_lower_rad ? 1 : -1;
  to[joint] += room * SWEEP_RAD;
  return { there: slowMove(robot, from, to, LIMITS), back: slowMove(robot, to, from, LIMITS) };
}

/** One stop, and again where a late machine had stopped the arm before it was asked to. */
async function trial(rig: StageRig, k: number): Promise<StopResponse> {
  for (let tries = 1; ; tries++) {
    const tried = await sweep(rig, k);
    if ('cruise_rad_per_s' in tried) return tried;
    const { spoilt, again } = tried;
    if (tries === MOST_TRIES || !again) {
      throw new StageFailed(`sweep ${k + 1} came to no stop test: ${spoilt}`, 'see why, and start again');
    }
    rig.say(`stop ${k + 1}: spoilt, as the machine was late (${spoilt}); again`);
  }
}

interface Spoilt {
  readonly spoilt: string;
  readonly again: boolean;
}

/** The response, or why the arm was not on its way any more when it was to stop. */
async function sweep(rig: StageRig, k: number): Promise<StopResponse | Spoilt> {
  const { arm } = rig;
  await arm.ready();
  const from = whereIs(rig);
  const { there } = stopSweep(rig, from, k);
  const duration_s = there.time_s[there.time_s.length - 1];
  const end = arm.record();
  const move = arm.move(`stop test ${k + 1}`, there);
  let early: string | null = null;
  void move.ended.then(({ reason }) => {
    early = reason;
  });
  await arm.sleep(ASK_AT * duration_s + rig.settings.driver_delay_s);
  if (early !== null) {
    end();
    return { spoilt: early, again: arm.stoppedByLateness };
  }
  const only_late = arm.stoppedByLateness;
  const requested_s = await arm.stop();
  await arm.sleep(KEEP_S);
  const samples = end();
  await move.ended;
  // Stamps tell when the arm was so, arrivals only when it was heard of.
  const seen = samples.map(({ stamp_s, velocity }) => ({ t_s: stamp_s, velocity }));
  await arm.reset();
  await carry(rig, 'back', from, LIMITS);
  const response = stopResponse(seen, requested_s);
  const planned = peakSpeed(there);
  if (response.cruise_rad_per_s > MOVES * planned) return response;
  const speed = `${response.cruise_rad_per_s.toFixed(3)} rad/s, not ${planned.toFixed(3)}`;
  return { spoilt: `the arm went at ${speed} when it was to stop`, again: only_late };
}

/** Greatest length of the vector of joint speeds, rad/s. */
function peakSpeed({ joint_names, velocity }: JointTrajectory): number {
  const n = joint_names.length;
  const rows = Array.from({ length: velocity.length / n }, (_, k) => velocity.subarray(k * n, (k + 1) * n));
  return Math.max(...rows.map((row) => Math.hypot(...row)));
}

/** Whether the arm's stops are as quick as its speeds need. */
export function judgeStopTest(statistics: StopStatistics, { settings }: Pick<StageRig, 'settings'>): StageOutcome {
  const { trials, seen, deceleration_s, standstill_s, reaction_bound_s } = statistics;
  const measurements = {
    ...{ trials, seen, reaction_bound_s: seen === 0 ? null : reaction_bound_s },
    deceleration_s: seen === 0 ? null : { ...deceleration_s },
    standstill_s: seen === 0 ? null : { ...standstill_s },
  };
  const ms = (s: number) => `${(1000 * s).toFixed(0)} ms`;
  if (seen < trials) {
    const what = `${trials - seen} of ${trials} stops were not seen in the joint states`;
    return outcomeOf(
      [failure(what, 'the arm does not follow, or does not stop: check controller and brakes')],
      measurements,
    );
  }
  const { driver_delay_s, deceleration_within_s } = settings;
  const expected_s = driver_delay_s + USUAL_S;
  const extra_s = deceleration_s.median - driver_delay_s;
  if (deceleration_s.most > deceleration_within_s || extra_s > USUAL_S + MOST_EXTRA_S) {
    const cause =
      extra_s > USUAL_S
        ? `about ${ms(extra_s)} of it is latency beyond the driver's own ${ms(driver_delay_s)}`
        : 'most stops are quick, so single messages come late';
    const what = `deceleration begins ${ms(deceleration_s.median)} after a stop is asked for (median; ${ms(deceleration_s.most)} at most), allowed are ${ms(Math.min(deceleration_within_s, expected_s + MOST_EXTRA_S))}; ${cause}`;
    return outcomeOf(
      [failure(what, 'look for queues, buffering or a slow update rate between driver and drives')],
      measurements,
    );
  }
  return outcomeOf(
    [
      note(
        `stops begin within ${ms(reaction_bound_s)} (${trials > 1 ? '95 % of all, with 95 % confidence' : 'one trial'})`,
      ),
    ],
    measurements,
  );
}
