import { reasonNames, type SafetyGate } from '../../safety/index.ts';

/** What a gate says of itself, as a plain object that a failing test can print. */
export function view(gate: SafetyGate) {
  const { mode, selectedMode, latched, stopCategory, atRest, outside, leaseValid, passed, limited, stopped } = gate;
  return {
    ...{ mode, selectedMode, latched, stopCategory, atRest, outside, leaseValid, passed, limited, stopped },
    reasons: reasonNames(gate.reasons),
    latchedReasons: reasonNames(gate.latchedReasons),
    drives_on: gate.lastCommand.drives_on,
  };
}
