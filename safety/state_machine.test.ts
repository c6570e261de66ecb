import { describe, expect, it } from 'vitest';
import { OPERATING_MODES, SAFETY_MODES } from '../contracts/index.ts';
import { reasonBit } from './reasons.ts';
import {
  isOperating,
  SAFETY_EVENTS,
  type SafetyEvent,
  type SafetyMode,
  SafetyStateMachine,
  TRANSITIONS,
} from './state_machine.ts';

const PAIRS = SAFETY_MODES.flatMap((mode) => SAFETY_EVENTS.map((event) => [mode, event] as const));
const SELECTING: readonly SafetyEvent[] = ['select_automatic', 'select_reduced', 'select_guided'];
const RESTING = SAFETY_MODES.filter((mode) => !isOperating(mode));
const BIT = reasonBit('non_finite');

function machineIn(mode: SafetyMode, selected: (typeof OPERATING_MODES)[number] = 'automatic'): SafetyStateMachine {
  const machine = new SafetyStateMachine();
  machine.mode = mode;
  machine.selected = selected;
  return machine;
}

describe('safety state machine', () => {
  it('has an entry for every mode and event, and follows it', () => {
    expect(Object.keys(TRANSITIONS).sort()).toEqual([...SAFETY_MODES].sort());
    for (const [mode, event] of PAIRS) {
      for (const selected of OPERATING_MODES) {
        const machine = machineIn(mode, selected);
        machine.handle(event, 0);
        const next = TRANSITIONS[mode][event];
        expect(machine.mode, `${mode} on ${event}`).toBe(next === 'selected' ? selected : next);
      }
    }
  });

  it('knows the modes in which commands move the arm', () => {
    expect(SAFETY_MODES.filter(isOperating)).toEqual([...OPERATING_MODES]);
    expect(RESTING).toEqual(['initialising', 'protective_stop', 'fault', 'emergency_stop']);
  });

  it('comes to move only by a lease, or by a cause that has cleared, and then as was selected', () => {
    const ways = PAIRS.filter(([mode, event]) => {
      const next = TRANSITIONS[mode][event];
      return !isOperating(mode) && (next === 'selected' || isOperating(next));
    });
    expect(ways).toEqual([
      ['initialising', 'lease_granted'],
      ['protective_stop', 'cleared'],
    ]);
    for (const [mode, event] of ways) expect(TRANSITIONS[mode][event]).toBe('selected');
  });

  it('remembers what is selected in every mode, and changes between operating modes at once', () => {
    for (const mode of SAFETY_MODES) {
      for (const before of OPERATING_MODES) {
        SELECTING.forEach((event, i) => {
          const machine = machineIn(mode, before);
          machine.handle(event, 0);
          expect(machine.selected).toBe(OPERATING_MODES[i]);
          expect(machine.mode).toBe(isOperating(mode) ? OPERATING_MODES[i] : mode);
        });
      }
    }
  });

  it('starts waiting for a lease, with automatic selected and nothing latched', () => {
    const machine = new SafetyStateMachine();
    expect(machine).toMatchObject({ mode: 'initialising', selected: 'automatic', latched_reasons: 0, latched: false });
  });

  it('leaves a fault only by a reset at rest, a fresh start or the emergency stop, and does not move then', () => {
    const ways = SAFETY_EVENTS.filter((event) => TRANSITIONS.fault[event] !== 'fault');
    expect(ways).toEqual<SafetyEvent[]>(['initialise', 'reset_at_rest', 'emergency_stop']);
    for (const way of ways) expect(isOperating(machineAfter('fault', way).mode)).toBe(false);
  });

  it('leaves an emergency stop only when the hardware releases it, into a stop that is to be reset', () => {
    const ways = SAFETY_EVENTS.filter((event) => TRANSITIONS.emergency_stop[event] !== 'emergency_stop');
    expect(ways).toEqual<SafetyEvent[]>(['emergency_released']);
    expect(TRANSITIONS.emergency_stop.emergency_released).toBe('protective_stop');
  });

  it('takes a released emergency stop for nothing elsewhere', () => {
    for (const mode of SAFETY_MODES) {
      if (mode !== 'emergency_stop') expect(TRANSITIONS[mode].emergency_released).toBe(mode);
    }
  });

  it('stops from every mode that moves on every cause', () => {
    for (const mode of OPERATING_MODES) {
      expect(TRANSITIONS[mode].stop).toBe('protective_stop');
      expect(TRANSITIONS[mode].latched_stop).toBe('protective_stop');
      expect(TRANSITIONS[mode].fault).toBe('fault');
      expect(TRANSITIONS[mode].initialise).toBe('initialising');
    }
  });

  it('goes to an emergency stop from everywhere, and to a fault from everywhere else', () => {
    for (const mode of SAFETY_MODES) {
      expect(TRANSITIONS[mode].emergency_stop).toBe('emergency_stop');
      expect(TRANSITIONS[mode].fault).toBe(mode === 'emergency_stop' ? mode : 'fault');
    }
  });

  it('is not changed by a reset in motion, and by a reset at rest only where something stopped it', () => {
    for (const mode of SAFETY_MODES) {
      expect(TRANSITIONS[mode].reset_in_motion).toBe(mode);
      const stays = isOperating(mode) || mode === 'emergency_stop' || mode === 'initialising';
      expect(TRANSITIONS[mode].reset_at_rest).toBe(stays ? mode : 'initialising');
    }
  });

  it('waits where it is for a passing cause before the first lease', () => {
    expect(TRANSITIONS.initialising.stop).toBe('initialising');
    expect(TRANSITIONS.initialising.latched_stop).toBe('protective_stop');
  });

  it.each<SafetyEvent>(['latched_stop', 'fault', 'emergency_stop'])('latches the reasons of %s', (event) => {
    const machine = machineIn('automatic');
    machine.handle(event, BIT);
    machine.handle(event, 1);
    expect(machine.latched_reasons).toBe(BIT | 1);
    expect(machine.latched).toBe(true);
  });

  it('latches nothing on any other event', () => {
    for (const event of SAFETY_EVENTS) {
      if (['latched_stop', 'fault', 'emergency_stop'].includes(event)) continue;
      const machine = machineIn('automatic');
      machine.handle(event, BIT);
      expect(machine.latched, event).toBe(false);
    }
  });

  it('keeps what was latched until a reset at rest or a fresh start', () => {
    for (const event of SAFETY_EVENTS) {
      const machine = new SafetyStateMachine();
      machine.handle('latched_stop', BIT);
      machine.handle(event, 0);
      const released = event === 'reset_at_rest' || event === 'initialise';
      expect(machine.latched, event).toBe(!released);
      if (!released) expect(isOperating(machine.mode), event).toBe(false);
    }
  });

  it('keeps what an emergency stop latched until it is released and reset', () => {
    const machine = machineIn('automatic');
    machine.handle('emergency_stop', BIT);
    for (const event of SAFETY_EVENTS) {
      if (event === 'emergency_released') continue;
      machine.handle(event, 0);
      expect(machine).toMatchObject({ mode: 'emergency_stop', latched_reasons: BIT });
    }
    machine.handle('emergency_released', 0);
    expect(machine.latched).toBe(true);
    machine.handle('reset_at_rest', 0);
    expect(machine).toMatchObject({ mode: 'initialising', latched_reasons: 0 });
  });

  it('is not cleared while anything is latched', () => {
    const machine = machineIn('protective_stop');
    machine.latched_reasons = BIT;
    machine.handle('cleared', 0);
    expect(machine.mode).toBe('protective_stop');
    machine.latched_reasons = 0;
    machine.handle('cleared', 0);
    expect(machine.mode).toBe('automatic');
  });
});

function machineAfter(mode: SafetyMode, event: SafetyEvent): SafetyStateMachine {
  const machine = machineIn(mode);
  machine.handle(event, 0);
  return machine;
}
