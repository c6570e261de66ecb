import type { Degradation, SafetyState } from '../contracts/index.ts';
import type { SupervisorView } from './supervisor_core.ts';

/** What monitors have led to, and in words why. */
export interface DegradedView {
  readonly degradation: Degradation;
  readonly reasons: readonly string[];
}

const AS_USUAL: DegradedView = { degradation: 'none', reasons: [] };

/**
 * /safety/state from what the supervisor knows. A gate that does not answer is a protective stop, for the arm's own watchdog
 * stops it then, and whether its drives have power is not known: they may. So is a new gate that waits for a reset, which
 * begins in its initial mode. Reasons of the supervisor come first.
 * @param failure  what ended the supervisor itself, null for nothing
 */
export function safetyStateOf(
  view: SupervisorView,
  failure: string | null,
  stamp_ns: bigint,
  degraded: DegradedView = AS_USUAL,
): SafetyState {
  const { gate, gate_alive, holds, missing, category } = view;
  const own = [...(failure === null ? [] : [failure]), ...holds, ...missing, ...degraded.reasons];
  const alive = gate !== null && gate_alive;
  const of_gate = alive ? [...gate.reasons, ...gate.latched_reasons, ...gate.causes.filter(tells)] : [];
  const held = alive && gate.mode === 'initialising' && holds.length > 0;
  return {
    stamp_ns,
    mode: gate === null ? 'initialising' : alive && !held ? gate.mode : 'protective_stop',
    latched: failure !== null || holds.length > 0 || (gate !== null && gate.latched_reasons.length > 0),
    reasons: [...new Set([...own, ...of_gate])],
    stop_category: alive && !held ? gate.stop_category : gate === null ? -1 : Math.max(category, 1),
    drives_on: alive ? gate.drives_on : gate !== null,
    stop_time_s: alive ? gate.stop_time_s : 0,
    lease_valid: alive && gate.lease_valid,
    passed: gate?.passed ?? 0,
    limited: gate?.limited ?? 0,
    stopped: gate?.stopped ?? 0,
    degradation: degraded.degradation,
    // An arm that its own watchdog stops follows no path.
    pace: gate === null ? 1 : alive ? gate.pace : 0,
    separation_m: alive ? gate.separation_m : null,
    protective_distance_m: alive ? gate.protective_distance_m : null,
  };
}

/** Causes that the gate's reasons do not tell by themselves. */
function tells(cause: string): boolean {
  return cause === 'arm_silent' || cause === 'arm_braked' || cause === 'contact' || cause === 'ending';
}
