import type { Reaction } from '../safety/index.ts';
import type { Drill, DrillMeasures } from './drill.ts';
import { atLeast } from './timeline.ts';

/** One thing that had to be, and whether it was. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
  /** With the value seen and the one allowed. */
  readonly detail: string;
}

/** Times are compared with half a cycle's tolerance, s. */
const SLACK_S = 1e-3;

/**
 * What a drill has to show: detection, degradation and first effect within the declared time, standstill when the stop was
 * promised to end, no reset while the fault lasts, and normal work with a goal reached after it.
 */
export function judge(
  { lasting, moment }: Pick<Drill, 'lasting' | 'moment'>,
  { within_s, degradation }: Reaction,
  measures: DrillMeasures,
  errors: readonly string[],
): Check[] {
  const { detected_s, degraded_s, effect_s, standstill_s, promised_stop_s, refusal, recovered_s, goal_reached_s } =
    measures;
  const stop = degradation === 'stop';
  const checks = [
    inTime('detected', detected_s, within_s),
    inTime(`degradation ${degradation}`, degraded_s, within_s),
    {
      what: 'no less than declared',
      ok: atLeast(measures.degradation, degradation),
      detail: `${measures.degradation}; declared ${degradation}`,
    },
  ];
  // Planned motion goes on where only learned policies rest.
  const shows = degradation !== 'scripted' || moment === 'policy';
  if (shows && measures.moving) checks.push(inTime('first effect on the motion', effect_s, within_s));
  if (stop && effect_s !== null) {
    const took_s = standstill_s === null ? null : standstill_s - effect_s;
    checks.push(inTime('standstill within the promised stop', took_s, promised_stop_s ?? 0));
  }
  if (stop && lasting)
    checks.push({
      what: 'reset refused while it lasts',
      ok: refusal !== null && refusal !== '',
      detail: refusal === null ? 'not stopped' : refusal || 'the reset was taken',
    });
  checks.push(
    { what: 'normal work again', ok: recovered_s !== null, detail: seconds(recovered_s) },
    { what: 'goal reached afterwards', ok: goal_reached_s !== null, detail: seconds(goal_reached_s) },
    {
      what: 'nothing moved that nobody asked for',
      ok: measures.wrong.length === 0,
      detail: measures.wrong.join(', ') || 'none',
    },
    { what: 'no exceptions in nodes', ok: errors.length === 0, detail: errors.join('; ') || 'none' },
  );
  return checks;
}

function inTime(what: string, took_s: number | null, within_s: number): Check {
  const ok = took_s !== null && took_s <= within_s + SLACK_S;
  return { what, ok, detail: `${seconds(took_s)}; allowed ${seconds(within_s)}` };
}

function seconds(time_s: number | null): string {
  return time_s === null ? 'never' : `${time_s.toFixed(3)} s`;
}
