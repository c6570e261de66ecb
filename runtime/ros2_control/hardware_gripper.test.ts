import { describe, expect, it } from 'vitest';
import { ACTIONS, type GripperResult, InProcessBus } from '../../contracts/index.ts';
import { HardwareGripper } from './hardware_gripper.ts';

/** A gripper that moves when it is told to, and what it was asked. */
function rig() {
  const bus = new InProcessBus();
  const asked: string[] = [];
  const finish: ((result: GripperResult) => void)[] = [];
  const giveUp: (() => void)[] = [];
  bus.serveAction({ ...ACTIONS.gripper, name: '/hand/gripper_cmd' }, (goal, handle) => {
    asked.push(`${goal.width_m} m ${goal.force_N} N`);
    handle.feedback({ width_m: 0.05 });
    handle.onCancel(() => {
      asked.push('canceled');
      handle.abort({ width_m: 0.044, stalled: false, reached: false });
    });
    finish.push((result) => handle.succeed(result));
    giveUp.push(() => handle.abort({ width_m: 0, stalled: false, reached: false }));
  });
  return { asked, finish, giveUp, gripper: new HardwareGripper(bus, '/hand') };
}

describe('a hardware gripper', () => {
  it('is asked once for each change of what is wanted', () => {
    const { asked, finish, gripper } = rig();
    for (let k = 0; k < 100; k++) gripper.want(k < 50 ? 0.03 : 0.06, 20, k / 100);
    expect(asked).toEqual(['0.03 m 20 N', '0.06 m 20 N']);
    expect(gripper.width_m).toBe(0.05);
    finish[1]({ width_m: 0.0601, stalled: false, reached: true });
    expect(gripper.width_m).toBe(0.0601);
    gripper.want(0.06, 40, 2);
    expect(asked[2]).toBe('0.06 m 40 N');
  });

  it('is not asked more often than it can answer, and then for the newest', () => {
    const { asked, gripper } = rig();
    for (let k = 0; k < 100; k++) gripper.want(0.05 - 4e-4 * k, 20, k / 1000);
    expect(asked).toHaveLength(2);
    gripper.want(0.01, 20, 0.2);
    expect(asked[2]).toBe('0.01 m 20 N');
  });

  it('is not asked without a force, and stops when told', () => {
    const { asked, gripper } = rig();
    gripper.want(0.08, 0, 1);
    expect(asked).toEqual([]);
    gripper.want(0.02, 10, 2);
    gripper.stop();
    expect(asked).toEqual(['0.02 m 10 N', 'canceled']);
    expect(gripper.width_m).toBe(0.044);
  });

  it('believes no width of a goal that was given up, and says so', () => {
    const { gripper, giveUp } = rig();
    gripper.want(0.02, 10, 1);
    giveUp[0]();
    expect(gripper.width_m).toBe(0.05);
    expect(gripper.problem).toMatch(/gave 0.02 m up/);
    gripper.want(0.03, 10, 2);
    expect(gripper.problem).toBe('');
  });

  it('says that nobody serves it, and asks again', () => {
    const gripper = new HardwareGripper(new InProcessBus(), '/hand');
    gripper.want(0.02, 10, 1);
    expect(gripper.problem).toMatch(/\/hand\/gripper_cmd.*no server/);
    expect(gripper.goals).toBe(0);
  });
});
