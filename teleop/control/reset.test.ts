import { describe, expect, it } from 'vitest';
import { InProcessBus, type SafetyState, SERVICES, TOPICS } from '../../contracts/index.ts';
import { ModeSwitch } from './mode_switch.ts';
import { resetRobot } from './reset.ts';

const state = (stamp_ns: bigint, reasons: readonly string[], latched = true): SafetyState => {
  return {
    ...{
      stamp_ns,
      mode: latched ? 'protective_stop' : 'reduced',
      latched,
      reasons,
      stop_category: 1,
      drives_on: true,
      stop_time_s: 0,
    },
    ...{ lease_valid: false, passed: 0, limited: 0, stopped: 0, degradation: 'none', pace: 1 },
    ...{ separation_m: null, protective_distance_m: null },
  };
};

/** A reset that is refused with these words, or that leaves these reasons. */
async function reset(reasons: readonly string[], refusal: string, left: readonly string[] = [], alarms: string[] = []) {
  const bus = new InProcessBus({ validate: true });
  const calls: string[] = [];
  bus.publish(TOPICS.safety_state, state(1n, reasons));
  bus.serve(SERVICES.safety_set_mode, ({ mode, enabled }) => {
    calls.push(`${mode} ${enabled}`);
    return { success: true, message: '' };
  });
  bus.serve(SERVICES.safety_reset, () => {
    calls.push('reset');
    if (refusal === '') {
      // What was on its way comes first.
      bus.publish(TOPICS.safety_state, state(2n, reasons));
      setImmediate(() => bus.publish(TOPICS.safety_state, state(3n, left, false)));
    }
    return { success: refusal === '', message: refusal };
  });
  const parts = { bus, mode: new ModeSwitch(bus), safety: () => state(1n, reasons), alarms };
  const { reason, causes } = await resetRobot(parts);
  return { reason, calls, causes: causes.map(({ cause, fixed }) => `${fixed ? 'fixed' : 'there'}: ${cause}`) };
}

describe('a reset', () => {
  it('goes back to reduced mode, with no control held', async () => {
    const { calls, causes, reason } = await reset(['stop_requested_1'], '');
    expect(reason).toBe('');
    expect(calls).toEqual(['reduced false', 'reset']);
    expect(causes).toEqual(['fixed: A protective stop was asked for']);
  });

  it('that is refused says what is still there and what is not', async () => {
    const lost = 'bodies_lost: the scanner was not heard for 0.4 s';
    expect((await reset([lost, 'stop_requested_1'], lost)).causes).toEqual([
      'there: Nobody tells any more where people are: the scanner was not heard for 0.4 s',
      'fixed: A protective stop was asked for',
    ]);
    const pressed = "the arm's emergency stop is pressed; release it first";
    expect((await reset(['emergency_stop'], pressed)).causes).toEqual([
      'there: The emergency stop of the arm is pressed',
    ]);
    const moving = await reset(['tracking_error'], 'the arm is still in motion');
    expect(moving.reason).toBe('the arm is still in motion');
    expect(moving.causes[0]).toBe('there: the arm is still in motion');
  });

  it('that leaves something, and alarms that it does not mend, is told so', async () => {
    const cold = 'perception_lost: no detections';
    const { causes } = await reset([cold, 'stop_requested_1'], '', [cold], ['The wrist camera is covered']);
    expect(causes).toEqual([
      'there: Nothing is seen: no detections',
      'fixed: A protective stop was asked for',
      'there: The wrist camera is covered',
    ]);
  });

  it('names no cause twice whose alarm is open', async () => {
    const text = 'A protective stop was asked for';
    expect((await reset(['stop_requested_1'], '', [], [text])).causes).toEqual([`fixed: ${text}`]);
  });

  it('of a robot that cannot be heard is none', async () => {
    const bus = new InProcessBus();
    const parts = { bus, mode: new ModeSwitch(bus), safety: () => null, alarms: [] };
    expect(await resetRobot(parts)).toEqual({ reason: 'the robot cannot be heard', causes: [] });
  });
});
