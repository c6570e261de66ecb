import { createRng } from '../contracts/index.ts';
import type { Cell } from '../launch/index.ts';
import type { Reaction } from '../safety/index.ts';
import type { Drill, DrillMeasures, Moment } from './drill.ts';
import { EmbeddedRig, type EmbeddedRigOptions } from './embedded_rig.ts';
import { atLeast, degradationOf, type Timeline } from './timeline.ts';

/** The fault comes while the arm moves so fast at least, at a moment drawn from the seed, at most so long after it began to. */
const FAST = 0.2;
const MOMENT_S = 0.25;
/** Monitors know sensors and sources for so long before anything moves, s. */
const WARM_UP_S = 1.5;
const START_WAIT_S = 20;
/** How long a fault lasts after the time in which it must be answered, s. */
const LASTS_S = 1;
const SETTLE_S = 0.3;
/** How long normal work may take to be allowed again, and a goal to be reached, s. */
const RECOVERY_WAIT_S = 3;
const GOAL_WAIT_S = 90;
const RESET_EVERY_S = 0.1;
const DIFFERENCE = 1e-9;
/** Undisturbed, the arm has to move so fast for an effect to be seen, rad/s (m/s). */
const MOVING = 0.02;

export interface EmbeddedRun {
  readonly measures: DrillMeasures;
  readonly timeline: Timeline;
  /** The same run without the fault, to a second after the time in which the fault must be answered. */
  readonly undisturbed: Timeline;
  readonly errors: readonly string[];
}

/**
 * One drill on a cell in this process. The cell runs twice, in lock-step and from the same seed: once undisturbed, once with
 * the fault. Until the fault both are the same; the first cycle in which the arm is commanded slower than undisturbed is
 * the first effect.
 */
export async function runEmbeddedDrill(
  drill: Drill,
  graph_cell: Cell,
  reaction: Reaction,
  seed: number,
  options: EmbeddedRigOptions,
): Promise<EmbeddedRun> {
  const cell = drill.prepare?.(graph_cell) ?? graph_cell;
  const lasts_s = reaction.within_s + LASTS_S;
  const first = await EmbeddedRig.create(drill, cell, options);
  let undisturbed: Timeline;
  let injected_s: number;
  try {
    injected_s = await untilMoment(first, drill, seed);
    if (drill.moment === 'goal') first.sendGoal();
    await first.until(() => false, lasts_s);
    undisturbed = first.timeline;
  } finally {
    await first.close();
  }
  const rig = await EmbeddedRig.create(drill, cell, options);
  try {
    const again_s = await untilMoment(rig, drill, seed);
    if (again_s !== injected_s) throw new Error(`${drill.name}: the undisturbed run moved at another time`);
    const measures = await disturb(rig, drill, reaction, undisturbed, lasts_s);
    return { measures, timeline: rig.timeline, undisturbed, errors: rig.errors };
  } finally {
    await rig.close();
  }
}

/** Lets the arm move, if the fault is to come while it does, and waits for the moment. */
async function untilMoment(rig: EmbeddedRig, { name, moment }: Drill, seed: number): Promise<number> {
  const after_s = createRng(seed).stream(`moment of ${name}`).range(0, MOMENT_S);
  await rig.until(() => false, WARM_UP_S);
  if (moment === 'moving') rig.sendGoal();
  if (moment === 'policy') rig.letCommand(rig.injection.policy ?? null);
  const ready = moment === 'goal' ? () => true : () => rig.speed > FAST;
  const was_ready = await rig.until(ready, START_WAIT_S);
  await rig.until(() => false, after_s);
  if (!was_ready || !(await rig.until(ready, START_WAIT_S))) {
    const why = rig.ended === null ? `at rest for ${START_WAIT_S} s` : `${rig.ended.stage}: ${rig.ended.reason}`;
    throw new Error(`${name}: the arm never moved faster than ${FAST} rad/s: ${why}`);
  }
  return rig.now_s;
}

async function disturb(
  rig: EmbeddedRig,
  drill: Drill,
  reaction: Reaction,
  undisturbed: Timeline,
  lasts_s: number,
): Promise<DrillMeasures> {
  const { timeline } = rig;
  const injected_s = rig.now_s;
  const stage = timeline.stage;
  rig.injection.begin();
  const { lead_s = 0 } = drill;
  await rig.until(() => false, lead_s);
  if (drill.moment === 'goal') rig.sendGoal();
  await rig.until(() => false, lasts_s - lead_s);
  const stopped = timeline.state !== null && degradationOf(timeline.state) === 'stop';
  const refusal = stopped && drill.lasting ? await rig.reset() : null;
  const ended_s = rig.now_s;
  rig.injection.end();
  rig.letCommand(null);
  // What ends a fault can be one itself, as time that goes back.
  await rig.until(() => false, SETTLE_S);
  const recovered = await recover(rig);
  const recovered_s = rig.now_s;
  const reached = recovered && (await reachGoal(rig, drill.moment !== 'policy'));
  const since = (at_s: number | undefined) => (at_s === undefined ? null : at_s - injected_s);
  const within = (state: { readonly at_s: number }) => state.at_s <= ended_s;
  const told = timeline.firstState(injected_s, ({ reasons }) => reasons.some((reason) => drill.says.test(reason)));
  const degraded = timeline.firstState(injected_s, (state) => atLeast(degradationOf(state), reaction.degradation));
  const worst = timeline.states.filter((one) => one.at_s >= injected_s && within(one));
  const effect = firstEffect(drill.moment, timeline, undisturbed, injected_s, ended_s);
  return {
    ...{ injected_s, stage, ended_s: ended_s - injected_s, refusal },
    detected_s: since(told?.at_s),
    degraded_s: since(degraded?.at_s),
    degradation: worst.map(({ state }) => degradationOf(state)).reduce((a, b) => (atLeast(b, a) ? b : a), 'none'),
    moving:
      drill.moment !== 'goal' &&
      movesBetween(undisturbed, degraded?.at_s ?? injected_s, injected_s + reaction.within_s),
    effect_s: since(timeline.time_s[effect]),
    ...stopOf(timeline, effect, injected_s),
    recovered_s: recovered ? recovered_s - injected_s : null,
    goal_reached_s: reached ? rig.now_s - injected_s : null,
    wrong: rig.wrong,
    reasons: [...new Set(worst.flatMap(({ state }) => state.reasons))],
  };
}

/**
 * The first cycle, before the fault ends, that commands less speed than undisturbed; where a policy moves the arm, which itself
 * may go wrong, the first in which it is not obeyed. −1 for none, and where the arm rests when the fault comes.
 */
function firstEffect(moment: Moment, timeline: Timeline, undisturbed: Timeline, from_s: number, to_s: number): number {
  if (moment === 'goal') return -1;
  const slower = (k: number) => timeline.speed[k] < undisturbed.speed[k] - DIFFERENCE;
  const refused = (k: number) => !timeline.operating[k];
  const affected = moment === 'policy' ? refused : slower;
  return timeline.firstCycle(from_s + 1e-9, (k) => affected(k) && timeline.time_s[k] <= to_s);
}

function movesBetween({ time_s, speed }: Timeline, from_s: number, to_s: number): boolean {
  return time_s.some((at_s, k) => at_s >= from_s && at_s <= to_s && speed[k] > MOVING);
}

/** When the arm stood after its first effect, and how long the stop verified one cycle before was to take. */
function stopOf(timeline: Timeline, effect: number, injected_s: number) {
  const stands = effect < 0 ? -1 : timeline.firstCycle(timeline.time_s[effect], (k) => timeline.speed[k] === 0);
  if (stands < 0) return { standstill_s: null, promised_stop_s: null };
  return {
    standstill_s: timeline.time_s[stands] - injected_s,
    promised_stop_s: timeline.stop_time_s[Math.max(0, effect - 1)],
  };
}

/** Waits until normal work is allowed, asking for resets where a stop is held; whether it is. */
async function recover(rig: EmbeddedRig): Promise<boolean> {
  const normal = () => rig.timeline.state !== null && degradationOf(rig.timeline.state) === 'none';
  const until_s = rig.now_s + RECOVERY_WAIT_S;
  while (!normal() && rig.now_s < until_s) {
    const { state } = rig.timeline;
    if (state !== null && degradationOf(state) === 'stop') await rig.reset();
    await rig.until(normal, RESET_EVERY_S);
  }
  return normal();
}

/** Lets the goal under way end, if there is one, and sends it again where it was given up. */
async function reachGoal(rig: EmbeddedRig, under_way: boolean): Promise<boolean> {
  const ended = () => rig.ended !== null;
  const reached = () => rig.ended?.ok === true;
  if (under_way) {
    await rig.until(ended, GOAL_WAIT_S);
    if (reached() || !ended()) return reached();
  } else await rig.until(() => rig.speed === 0, RECOVERY_WAIT_S);
  rig.sendGoal();
  await rig.until(ended, GOAL_WAIT_S);
  return reached();
}
