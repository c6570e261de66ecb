import type { Evidence } from '../evidence.ts';
import { columnOf, gripperJoint, pathOf } from '../motion.ts';
import { type Observation, plotOf, seconds } from '../observation.ts';

/** Shorter episodes (s) and shorter ways (rad) do nothing. */
const SHORTEST_S = 1;
const LEAST_WAY_RAD = 0.2;
/** Share of the gripper's travel: closed on nothing below, opened above, and what closing takes. */
const EMPTY = 0.04;
const TRAVEL = 0.08;
/** Share of the travel by which opening lets go. */
const RELEASED = 0.03;
const FAILED =
  /\b(fail(ed|ure)?|gave up|abort(ed)?|slipped|dropped it|timed? ?out|lost (the )?object|grasp(ed)? nothing|nothing grasped)\b/i;

/**
 * Outcomes that the robot's own signals contradict: a success without motion, without a grasp, on a gripper that closed all
 * the way, that never opened again, or whose last words are of a failure. Nothing that only a simulator knows is used.
 */
export function findOutcome(evidence: Evidence): readonly Observation[] {
  const { series, outcome } = evidence;
  const { duration_s, joints, command } = series;
  const empty =
    duration_s < SHORTEST_S
      ? [told('note', `lasts ${seconds(duration_s)}, at least ${seconds(SHORTEST_S)} expected`, 'drop', 0, duration_s)]
      : [];
  if (outcome.success !== true) return empty;
  if (empty.length > 0)
    return empty.map((of) => ({ ...of, severity: 'major' as const, detail: `success, but it ${of.detail}` }));
  const moving = joints ?? command;
  if (moving === null) return [];
  const path = pathOf(moving);
  const way = path[path.length - 1];
  if (way < LEAST_WAY_RAD) {
    const detail = `success, but the arm moved ${way.toFixed(3)} rad in all, at least ${LEAST_WAY_RAD} expected`;
    return [told('major', detail, 'mark as failed, or drop', 0, duration_s)];
  }
  return [...graspOf(evidence, path), ...lastWords(evidence)];
}

function graspOf({ series: { joints, duration_s }, limits }: Evidence, path: Float64Array): Observation[] {
  if (joints === null) return [];
  const i = gripperJoint(joints);
  if (i < 0) return [];
  const position = columnOf(joints, joints.position, i);
  const name = joints.names[i];
  const known = limits.get(name);
  const travel = travelOf(position, known);
  if (travel === null) return [];
  // 0 closed, 1 open.
  const open = position.map(travel.open);
  const [least, most] = [Math.min(...open), Math.max(...open)];
  const plot = plotOf(`${name}: 1 open, 0 closed`, joints.time_s, open, [EMPTY]);
  const found = (detail: string, from_s: number, to_s: number) => [
    { ...told('major', `success, but ${detail}`, 'mark as failed, or drop', from_s, to_s), plot },
  ];
  if (most - least < TRAVEL) {
    const share = (value: number) => `${(100 * value).toFixed(1)} %`;
    return found(
      `the gripper never ${most > 0.5 ? 'closed' : 'opened'}: it moved by ${share(most - least)} of its travel, at least ${share(TRAVEL)} expected`,
      0,
      duration_s,
    );
  }
  const holds = holdings(open, joints.time_s, path);
  if (holds.length > 0 && holds.every(({ width }) => width < EMPTY)) {
    const { width, from_s, to_s } = holds[0];
    return found(
      `the gripper closed on nothing: down to ${(100 * width).toFixed(1)} % of its travel while it carried, ${100 * EMPTY} % is empty`,
      from_s,
      to_s,
    );
  }
  const end = open[open.length - 1];
  const last = holds.at(-1);
  const ends = last !== undefined && last.to_s >= joints.time_s[joints.time_s.length - 1] - 0.05;
  return ends && last.width > EMPTY && end < last.width + RELEASED
    ? found(
        `the gripper still holds at the end (${(100 * end).toFixed(0)} % open, ${(100 * last.width).toFixed(0)} % while it carried)`,
        last.from_s,
        duration_s,
      )
    : [];
}

/** Closed stretches in which the arm moves: what was carried, with how far the gripper stayed open. */
function holdings(open: Float64Array, time_s: Float64Array, path: Float64Array) {
  const half = (Math.max(...open) + Math.min(...open)) / 2;
  const found: { from_s: number; to_s: number; width: number }[] = [];
  for (let k = 0; k < open.length; k++) {
    if (open[k] > half) continue;
    const first = k;
    while (k + 1 < open.length && open[k + 1] <= half) k++;
    const [from_s, to_s] = [time_s[first], time_s[k]];
    const moved = path[k] - path[first];
    if (moved < LEAST_WAY_RAD / 2) continue;
    const middle = Float64Array.from(open.subarray(first, k + 1)).sort();
    found.push({ from_s, to_s, width: middle[middle.length >> 1] });
  }
  return found;
}

/** Sliding fingers are open at their upper end, turning ones (as of linkages) at their lower. */
function travelOf(position: Float64Array, known: { lower: number; upper: number; slides: boolean } | undefined) {
  const [low, high] = [Math.min(...position), Math.max(...position)];
  const lower = known !== undefined && Number.isFinite(known.lower) ? known.lower : Math.min(0, low);
  const upper = known !== undefined && Number.isFinite(known.upper) ? known.upper : high;
  if (!(upper - lower > 0)) return null;
  const slides = known?.slides ?? upper < 0.2;
  const share = (value: number) => (value - lower) / (upper - lower);
  return { open: (value: number) => (slides ? share(value) : 1 - share(value)) };
}

function lastWords({ series: { notes, duration_s } }: Evidence): Observation[] {
  const last = notes.at(-1);
  if (last === undefined || !FAILED.test(last.text)) return [];
  return [
    told(
      'major',
      `success, but its last words, at ${seconds(last.time_s)}, are "${last.text.slice(0, 120)}"`,
      'mark as failed',
      last.time_s,
      duration_s,
    ),
  ];
}

function told(
  severity: Observation['severity'],
  detail: string,
  fix: string,
  from_s: number,
  to_s: number,
): Observation {
  return { check: 'outcome', severity, detail, fix, from_s, to_s };
}
