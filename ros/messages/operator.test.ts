import { describe, expect, it } from 'vitest';
import { InputError, type OperatorJog, type PreviewPickResult } from '../../contracts/index.ts';
import type { RosFields } from '../mapping.ts';
import {
  goGoalFromRos,
  operatorJogFromRos,
  operatorJogToRos,
  previewPickResultFromRos,
  previewPickResultToRos,
} from './operator.ts';

const jog: OperatorJog = {
  ...{ stamp_ns: 5_000_000_007n, epoch: 2 ** 53 - 1, session: 'a', sequence: 2 ** 32 - 1, seen_ns: 4_900_000_001n },
  ...{ kind: 'joints', frame_id: '', linear: [0, 0, 0], angular: [0, 0, 0] },
  ...{ joint_names: ['panda_joint1', 'panda_joint4'], joint_velocity: Float64Array.of(0.1, -0.2) },
};
const fields = (changed: object): RosFields => ({ ...operatorJogToRos(jog), ...changed });

describe('an operator’s message from ROS', () => {
  it('comes back as it went, to the nanosecond and the last epoch', () => {
    expect(operatorJogFromRos(fields({}))).toEqual(jog);
  });

  it.each([
    [{ joint_velocity: Float64Array.of(0.1) }, '.joint_velocity = 1: must have 2 entries'],
    [{ joint_velocity: Float64Array.of(0.1, Number.NaN) }, '.joint_velocity[1] = NaN: must be finite'],
    [{ linear: { x: 0, y: Number.POSITIVE_INFINITY, z: 0 } }, '.linear.y = Infinity: must be a finite number'],
    [{ epoch: 0n }, '.epoch = 0: must be at least 1'],
    [{ epoch: 2n ** 60n }, '.epoch = '],
    [{ sequence: -1 }, '.sequence = -1'],
    [{ session: 'x'.repeat(65) }, '.session = '],
    [{ kind: 'fly' }, '.kind = "fly"'],
    [{ seen: { sec: -1, nanosec: 0 } }, '.seen.sec = -1'],
  ])('is refused by field and value: %o', (changed, says) => {
    expect(() => operatorJogFromRos(fields(changed))).toThrow(InputError);
    expect(() => operatorJogFromRos(fields(changed))).toThrow(`surepick_msgs/msg/OperatorJog${says}`);
  });
});

describe('previews and ways from ROS', () => {
  it('keep a plan and its absence apart', () => {
    const pose = { position: [0.5, 0, 0.1], orientation: [0, 0, 0, 1] } as const;
    const planned: PreviewPickResult = {
      ...{ ok: true, reason: '', joint_names: ['a', 'b'], positions: Float64Array.of(0, 1, 2, 3) },
      ...{ T_world_tool: pose, width_m: 0.04 },
    };
    const none = { ...planned, ok: false, reason: 'no red box seen', joint_names: [], positions: new Float64Array(0) };
    for (const result of [planned, none]) {
      expect(previewPickResultFromRos({ ...previewPickResultToRos(result) })).toEqual(result);
    }
  });

  it('name the places there are', () => {
    expect(goGoalFromRos({ to: 'retreat' })).toEqual({ to: 'retreat' });
    expect(() => goGoalFromRos({ to: 'lunch' })).toThrow('surepick_msgs/action/Go_Goal.to = "lunch"');
  });
});
