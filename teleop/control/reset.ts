import { type Bus, type SafetyState, SERVICES, TOPICS } from '../../contracts/index.ts';
import { safetyCondition } from '../alarms/safety_conditions.ts';
import type { Reply } from '../protocol/index.ts';
import type { ModeSwitch } from './mode_switch.ts';

/** A reset shows on the gate's state within this, ms. */
const SEEN_MS = 500;

export interface ResetParts {
  readonly bus: Bus;
  readonly mode: ModeSwitch;
  /** Newest; null while the robot cannot be heard. */
  readonly safety: () => SafetyState | null;
  /** Other open alarms, by their text: a reset does not mend them. */
  readonly alarms: readonly string[];
}

export type Causes = NonNullable<Reply['causes']>;

/**
 * Brings a stopped robot back to standstill in reduced mode; nothing moves by it. Lists what the robot was stopped for, each
 * fixed or not; the reason is empty unless the reset is refused.
 */
export async function resetRobot(parts: ResetParts): Promise<{ readonly reason: string; readonly causes: Causes }> {
  const { bus, mode, safety, alarms } = parts;
  const before = safety();
  if (before === null) return { reason: 'the robot cannot be heard', causes: [] };
  const own = before.reasons.map(textOf);
  const others = alarms.filter((cause) => !own.includes(cause)).map((cause) => ({ cause, fixed: false }));
  // selected first: what the gate goes back to is the mode that is selected then
  const unselected = await mode.select('reduced', false);
  const reset = unselected === '' ? await askForReset(bus) : unselected;
  if (reset !== '') return { reason: reset, causes: [...stillThere(before.reasons, reset), ...others] };
  const after = await resetState(bus, before.stamp_ns);
  const left = after?.reasons ?? [];
  const causes = before.reasons.map((reason) => ({ cause: textOf(reason), fixed: !left.includes(reason) }));
  return { reason: '', causes: [...causes, ...others] };
}

async function askForReset(bus: Bus): Promise<string> {
  try {
    const { success, message } = await bus.call(SERVICES.safety_reset, {});
    return success ? '' : message || 'the safety gate refuses';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A refusal names what is still there; what it does not name would go with a reset. */
function stillThere(reasons: readonly string[], refusal: string): Causes {
  const named = (reason: string) =>
    refusal.includes(reason) || (reason === 'emergency_stop' && /emergency stop/.test(refusal));
  const causes = reasons.map((reason) => ({ cause: textOf(reason), fixed: !named(reason) }));
  return reasons.some(named) ? causes : [{ cause: refusal, fixed: false }, ...causes];
}

function textOf(reason: string): string {
  return safetyCondition(reason).text;
}

/** The first state after a stamp that a reset shows in; where none comes, the newest; null for none at all. */
function resetState(bus: Bus, stamp_ns: bigint): Promise<SafetyState | null> {
  return new Promise((resolve) => {
    let newest: SafetyState | null = null;
    const end = () => {
      clearTimeout(timer);
      subscription.unsubscribe();
      resolve(newest);
    };
    const timer = setTimeout(end, SEEN_MS);
    const subscription = bus.subscribe(TOPICS.safety_state, 'teleop_reset', (state) => {
      if (state.stamp_ns <= stamp_ns) return;
      newest = state;
      // What was on its way before the reset still says that it is latched.
      if (!state.latched) queueMicrotask(end);
    });
  });
}
