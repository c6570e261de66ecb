import { beforeEach, describe, expect, test } from 'vitest';
import {
  ACTIONS,
  type GoalHandle,
  type GripperResult,
  InProcessBus,
  type TrajectoryResult,
} from '../contracts/index.ts';
import type { TaskRequest } from './requests.ts';
import { type ActionRequest, type Ended, sendRequest } from './send_request.ts';

const request: Extract<TaskRequest, { kind: 'move' }> = {
  kind: 'move',
  label: 'approach',
  trajectory: {
    joint_names: ['a'],
    time_s: Float64Array.of(0, 1),
    position: Float64Array.of(0, 1),
    velocity: new Float64Array(2),
    acceleration: new Float64Array(2),
  },
  grip: { width_m: 0.07, force_N: 20 },
};

describe('a motion of arm and fingers together', () => {
  let bus: InProcessBus;
  let ended: Ended[];
  let arm: GoalHandle<never, TrajectoryResult> | null;
  let fingers: GoalHandle<never, GripperResult> | null;
  let canceled: string[];

  beforeEach(() => {
    bus = new InProcessBus();
    ended = [];
    canceled = [];
    bus.serveAction(ACTIONS.follow_joint_trajectory, (_goal, handle) => {
      arm = handle;
      handle.onCancel(() => canceled.push('arm'));
    });
    bus.serveAction(ACTIONS.gripper, (_goal, handle) => {
      fingers = handle;
      handle.onCancel(() => canceled.push('fingers'));
    });
  });

  const send = (what: ActionRequest) =>
    sendRequest(
      bus,
      what,
      () => 3,
      (_ok, reason) => ({ stopped_by_safety: false, reason }),
      (end) => ended.push(end),
    );
  const moved = (ok: boolean) => arm?.succeed({ ok, reason: ok ? '' : 'off the path', final_error_rad: 0 });
  const gripped = () => fingers?.succeed({ width_m: 0.0699, stalled: false, reached: true });

  test.each(['arm first', 'fingers first'])('ends once, when both are done: %s', (order) => {
    send(request);
    const [first, second] = order === 'arm first' ? [() => moved(true), gripped] : [gripped, () => moved(true)];
    first();
    expect(ended).toEqual([]);
    second();
    const event = { kind: 'moved', time_s: 3, ok: true, stopped_by_safety: false, reason: '', width_m: 0.0699 };
    expect(ended).toEqual([{ ok: true, event }]);
  });

  test('an arm that fails is told, with the width that was reached all the same', () => {
    send(request);
    moved(false);
    gripped();
    expect(ended).toMatchObject([{ ok: true, event: { ok: false, reason: 'off the path', width_m: 0.0699 } }]);
  });

  test('cancelling cancels what is still under way, and nothing else', () => {
    send(request).cancel();
    expect(canceled.sort()).toEqual(['arm', 'fingers']);
    canceled.length = 0;
    const again = send(request);
    gripped();
    again.cancel();
    expect(canceled).toEqual(['arm']);
  });

  test('without fingers to move none are asked for', () => {
    const { grip: _, ...alone } = request;
    fingers = null;
    send(alone);
    moved(true);
    expect(fingers).toBeNull();
    expect(ended).toEqual([
      { ok: true, event: { kind: 'moved', time_s: 3, ok: true, stopped_by_safety: false, reason: '' } },
    ]);
  });
});
