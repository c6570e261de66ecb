import { describe, expect, it } from 'vitest';
import { SAFETY_MODES } from '../contracts/index.ts';
import { reasonBit } from './reasons.ts';
import { SAFETY_EVENTS, type SafetyEvent, type SafetyMode, SafetyStateMachine, TRANSITIONS } from './state_machine.ts';

const PAIRS = SAFETY_MODES.flatMap((mode) => SAFETY_EVENTS.map((event) => [mode, event] as const));

function machineIn(mode: SafetyMode): SafetyStateMachine {
  const machine = new SafetyStateMachine();
  machine.mode = mode;
  return machine;
}

describe('safety state machine', () => {
  it('has an entry for every mode and event, and follows it', () => {
    expect(Object.keys(TRANSITIONS).sort()).toEqual([...SAFETY_MODES].sort());
    for (const [mode, event] of PAIRS) {
      const machine = machineIn(mode);
      machine.handle(event, 0);
      expect(machine.mode, `${mode} on ${event}`).toBe(TRANSITIONS[mode][event]);
    }
  });

  it('comes to move only by a lease, or by a cause that has cleared', () => {
    for (const [mode, event] of PAIRS) {
      if (TRANSITIONS[mode][event] !== 'automatic' || mode === 'automatic') continue;
      expect([
        ['initialising', 'lease_granted'],
        ['protective_stop', 'cleared'],
      ]).toContainEqual([mode, event]);
    }
  });

  it('leaves a fault only by a reset at rest or a fresh start, and then does not move yet', () => {
    const ways = SAFETY_EVENTS.filter((event) => TRANSITIONS.fault[event] !== 'fault');
    expect(ways).toEqual<SafetyEvent[]>(['initialise', 'reset_at_rest']);
    for (const way of ways) expect(TRANSITIONS.fault[way]).toBe('initialising');
  });

  it('stops from every mode that moves on every cause, and faults from everywhere', () => {
    expect(TRANSITIONS.automatic.stop).toBe('protective_stop');
    expect(TRANSITIONS.automatic.latched_stop).toBe('protective_stop');
    for (const mode of SAFETY_MODES) expect(TRANSITIONS[mode].fault).toBe('fault');
  });

  it('is not changed by a reset in motion', () => {
    for (const mode of SAFETY_MODES) expect(TRANSITIONS[mode].reset_in_motion).toBe(mode);
  });

  it('keeps what was latched until a reset at rest or a fresh start', () => {
    for (const event of SAFETY_EVENTS) {
      const machine = new SafetyStateMachine();
      machine.handle('latched_stop', reasonBit('non_finite'));
      machine.handle(event, 0);
      const released = event === 'reset_at_rest' || event === 'initialise';
      expect(machine.latched, event).toBe(!released);
      if (!released) expect(machine.mode, event).not.toBe('automatic');
    }
  });
});
