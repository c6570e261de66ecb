import { createRng, InputError } from '../../contracts/index.ts';
import {
  carriedOver,
  fitUncertainty,
  leastSquares,
  type ResidualModel,
  type Uncertainty,
} from '../../learning/index.ts';
import type { Robot } from '../../robots/index.ts';
import { prepareEngine } from '../../sim/index.ts';
import { ArmReplay } from './arm_replay.ts';
import { type FreeSpan, freeSpans } from './free_motion.ts';
import { type ArmValues, armParameters, armValues, FIRST_LATENCIES, LEAST_ROTOR_KG_M2 } from './identify_parameters.ts';
import type { MotionTrace } from './motion_trace.ts';

export interface IdentifyOptions {
  readonly iterations: number;
  readonly seed: number;
  /** Most seconds of each episode's free motion that are compared. */
  readonly seconds: number;
  readonly onIteration?: (iteration: number, error: number) => void;
  readonly stopped?: () => boolean;
}

/** What recorded motion tells of an arm. Errors are root mean squares over the residuals' robust scales at the end. */
export interface Identification extends Uncertainty {
  readonly error_before: number;
  readonly error_after: number;
  readonly iterations: number;
  readonly episodes: number;
  readonly compared_s: number;
  /** Of positions (rad), velocities (rad/s) and efforts (Nm) of all joints: root mean squares. */
  readonly residual_before: readonly [number, number, number];
  readonly residual_after: readonly [number, number, number];
}

const FEWEST_EPISODES = 2;
/** Play in gears shows as chatter that no replay repeats: these are taken to be possible beside none. */
const POSSIBLE_PLAY_RAD = [2e-4, 4e-4, 6e-4] as const;
const PLAY_STEPS = 3;

/**
 * Fits the actuators of the first world's arm to what arms did freely when they were told something.
 * @throws InputError for fewer than two traces, or for those in which the arm never moves freely
 */
export async function identify(
  robot: Robot,
  traces: readonly MotionTrace[],
  { iterations, seed, seconds, ...events }: IdentifyOptions,
): Promise<Identification> {
  if (traces.length < FEWEST_EPISODES) {
    throw new InputError(`${traces.length} episodes`, `at least ${FEWEST_EPISODES}, between which intervals are found`);
  }
  await prepareEngine('cannon');
  const chosen = traces.map((trace) => ({ trace, spans: within(trace, freeSpans(trace), seconds) }));
  const still = chosen.find(({ spans }) => spans.length === 0);
  if (still !== undefined) {
    throw new InputError(
      `episode ${still.trace.id}`,
      'at least 0.35 s in which the arm moves and nothing touches the hand',
    );
  }
  const residualsWith = (values: ArrayLike<number>, backlash_rad: number): Float64Array[] => {
    const replay = new ArmReplay(robot, armWithPlay(armValues(robot, values), backlash_rad));
    try {
      return chosen.map(({ trace, spans }) => residualsOf(replay, trace, spans));
    } finally {
      replay.dispose();
    }
  };
  const channels = 3 * robot.arm_joints;
  const groups = chosen.length;
  const residuals = (values: ArrayLike<number>) => residualsWith(values, 0);
  const model: ResidualModel = { groups, channels, residuals };
  const parameters = armParameters(robot, likeliest(robot, residuals));
  const fit = leastSquares(parameters, model, { iterations, ...events });
  const others = POSSIBLE_PLAY_RAD.map((play) =>
    carriedOver(parameters, fit, { groups, channels, residuals: (values) => residualsWith(values, play) }, PLAY_STEPS),
  );
  const uncertainty = fitUncertainty(parameters, fit, createRng(seed).stream('identify'), others);
  const after = uncertainty.parameters.map((row) => row.after);
  const before = parameters.map(({ nominal }) => nominal);
  const [first, last] = [residuals(before), residuals(after)];
  const rows = last.reduce((sum, group) => sum + group.length / channels, 0);
  const period_s = traces[0].time_s[1] - traces[0].time_s[0];
  return {
    ...uncertainty,
    ...{ error_before: scaledError(first, fit.scales), error_after: scaledError(last, fit.scales) },
    ...{ iterations: fit.iterations, episodes: traces.length, compared_s: rows * BLOCK * period_s },
    residual_before: kinds(first, robot.arm_joints),
    residual_after: kinds(last, robot.arm_joints),
  };
}

function armWithPlay(arm: ArmValues, backlash_rad: number): ArmValues {
  if (backlash_rad === 0) return arm;
  return { ...arm, backlash_rad, armature_kg_m2: Math.max(LEAST_ROTOR_KG_M2, arm.armature_kg_m2) };
}

/** The first of the latencies (cycles) with the least errors of position, all else nominal. */
function likeliest(robot: Robot, residuals: (values: ArrayLike<number>) => readonly Float64Array[]): number {
  const errors = FIRST_LATENCIES.map((latency) => {
    const values = armParameters(robot, latency).map(({ nominal, start }) => start ?? nominal);
    return kinds(residuals(values), robot.arm_joints)[0];
  });
  return FIRST_LATENCIES[errors.indexOf(Math.min(...errors))];
}

/** Rows that are averaged: play in gears makes drives chatter, no two arms alike, and leaves means as they are. */
const BLOCK = 8;

/** Predicted less recorded positions, velocities and efforts of the scored rows, means over blocks. */
function residualsOf(replay: ArmReplay, trace: MotionTrace, spans: readonly FreeSpan[]): Float64Array {
  const n = trace.joints;
  const blocks = spans.map(({ scored, end }) => Math.floor((end - scored) / BLOCK));
  const out = new Float64Array(blocks.reduce((sum, count) => sum + count, 0) * 3 * n);
  let at = 0;
  spans.forEach((span, s) => {
    const predicted = new Float64Array((span.end - span.first) * 3 * n);
    replay.play(trace, span, predicted);
    for (let k = 0; k < blocks[s] * BLOCK; k++) {
      const row = span.scored + k;
      const from = (row - span.first) * 3 * n;
      for (let i = 0; i < n; i++) {
        out[at + i] += (predicted[from + i] - trace.position[row * n + i]) / BLOCK;
        out[at + n + i] += (predicted[from + n + i] - trace.velocity[row * n + i]) / BLOCK;
        out[at + 2 * n + i] += (predicted[from + 2 * n + i] - trace.effort[row * n + i]) / BLOCK;
      }
      if (k % BLOCK === BLOCK - 1) at += 3 * n;
    }
  });
  return out;
}

/** Spans in which something moves, from the first on, as long as `seconds` are not over. */
function within({ time_s, command_velocity, joints }: MotionTrace, spans: readonly FreeSpan[], seconds: number) {
  const moves = (row: number) => {
    for (let i = 0; i < joints; i++) if (Math.abs(command_velocity[row * joints + i]) > 1e-3) return true;
    return false;
  };
  const kept: FreeSpan[] = [];
  const moving = spans.flatMap((span): FreeSpan[] => {
    const rows = Array.from({ length: span.end - span.scored }, (_, k) => span.scored + k).filter(moves);
    return rows.length === 0 ? [] : [{ ...span, end: rows[rows.length - 1] + 1 }];
  });
  let left_s = seconds;
  for (const [k, { first, scored, end }] of moving.entries()) {
    const share_s = left_s / (moving.length - k);
    let last = scored;
    while (last < end && time_s[last] - time_s[scored] < share_s) last++;
    left_s -= time_s[last - 1] - time_s[scored];
    if (last - scored > 1) kept.push({ first, scored, end: last });
  }
  return kept;
}

function scaledError(groups: readonly Float64Array[], scales: Float64Array): number {
  let [sum, count] = [0, 0];
  for (const group of groups) {
    for (let k = 0; k < group.length; k++) sum += (group[k] / scales[k % scales.length]) ** 2;
    count += group.length;
  }
  return Math.sqrt(sum / count);
}

function kinds(groups: readonly Float64Array[], n: number): [number, number, number] {
  const sum: [number, number, number] = [0, 0, 0];
  let rows = 0;
  for (const group of groups) {
    for (let k = 0; k < group.length; k++) sum[Math.floor((k % (3 * n)) / n)] += group[k] ** 2;
    rows += group.length / (3 * n);
  }
  return [Math.sqrt(sum[0] / rows / n), Math.sqrt(sum[1] / rows / n), Math.sqrt(sum[2] / rows / n)];
}
