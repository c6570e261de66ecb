import { beforeEach, describe, expect, it } from 'vitest';
import {
  InProcessBus,
  type Pose,
  type SafetyState,
  SERVICES,
  SILENT_LOG,
  SimClock,
  secondsToStamp,
  TOPICS,
} from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { ArmOnBus } from './arm_on_bus.ts';

const PANDA = loadRobot('panda', { visualMeshes: false });
const SAFE: SafetyState = {
  ...{ stamp_ns: 0n, mode: 'automatic', latched: false, reasons: [], stop_category: -1, drives_on: true },
  ...{ stop_time_s: 0, lease_valid: true, passed: 0, limited: 0, stopped: 0 },
  ...{ degradation: 'none', pace: 1, separation_m: null, protective_distance_m: null },
};
const stopped = (...reasons: string[]): SafetyState => ({ ...SAFE, mode: 'protective_stop', reasons });

let bus = new InProcessBus();
let clock = new SimClock();
let arm = new ArmOnBus({ bus, clock, log: SILENT_LOG }, PANDA);
beforeEach(() => {
  bus = new InProcessBus();
  clock = new SimClock();
  arm = new ArmOnBus({ bus, clock, log: SILENT_LOG }, PANDA);
});

const publish = (state: SafetyState) => bus.publish(TOPICS.safety_state, state);

/** Lets simulated time pass until the work is done, 10 s at most. */
async function during<T>(work: Promise<T>, each: (t_s: number) => void = () => {}): Promise<T> {
  let done = false;
  const ended = work.finally(() => {
    done = true;
  });
  ended.catch(() => {});
  for (let k = 1; k <= 2000 && !done; k++) {
    clock.advance(secondsToStamp(k * 0.01));
    each(k * 0.01);
    await bus.settled();
    await new Promise(setImmediate);
  }
  return ended;
}

describe('an arm on the bus', () => {
  it('is ready when a reset was taken and motion stays allowed', async () => {
    let resets = 0;
    bus.serve(SERVICES.safety_reset, () => {
      resets++;
      if (resets < 3) return { success: false, message: 'planning is missing' };
      publish(SAFE);
      return { success: true, message: '' };
    });
    publish(stopped('lease_lost'));
    await bus.settled();
    await during(arm.ready());
    expect(resets).toBe(3);
    await during(arm.ready());
    expect(resets).toBe(3);
    await during(arm.reset());
    expect(resets).toBe(4);
  });

  it('says why motion is not to be had', async () => {
    bus.serve(SERVICES.safety_reset, () => ({ success: false, message: 'planning is missing' }));
    publish(stopped('x'));
    await expect(during(arm.ready(2))).rejects.toThrow(/does not let the arm move: planning is missing/);
  });

  it('tells a machine that was late from every other reason to stop', async () => {
    publish(stopped('lease_lost', 'stop_requested_1', 'control does not answer'));
    await bus.settled();
    expect(arm.stoppedByLateness).toBe(true);
    publish(stopped('lease_lost', 'tracking_error'));
    await bus.settled();
    expect(arm.stoppedByLateness).toBe(false);
    publish(stopped('lease_lost'));
    await bus.settled();
    expect(arm.stoppedByLateness).toBe(false);
  });

  it('hears the edges of /tf that it is asked for', async () => {
    const pose = (x: number): Pose => ({ position: [x, 0, 0], orientation: [0, 0, 0, 1] });
    const send = async (child: string, x: number) => {
      bus.publish(TOPICS.tf, { stamp_ns: 0n, transforms: [{ parent: 'camera', child, pose: pose(x) }] });
      await bus.settled();
    };
    const heard: number[] = [];
    await send('tag', 1);
    const end = arm.watch('camera', 'tag', ({ position }) => void heard.push(position[0]));
    await send('tag', 2);
    await send('other', 3);
    end();
    await send('tag', 4);
    expect(heard).toEqual([2]);
    expect(arm.edge('camera', 'tag')).toEqual(pose(4));
    expect(arm.edge('tag', 'camera')).toBeNull();
  });
});
