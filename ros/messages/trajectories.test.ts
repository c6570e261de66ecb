import { describe, expect, it } from 'vitest';
import { RosCodec } from '../codec.ts';
import { forwardCommandFromRos, jointJogFromRos, trajectoryCommandFromRos } from './trajectories.ts';

const jog = {
  header: { stamp: { sec: 2, nanosec: 0 }, frame_id: '' },
  joint_names: ['a'],
  displacements: [],
  velocities: [0.5],
};

describe('commands to joints', () => {
  it('jog by velocities alone, one a joint', () => {
    expect(jointJogFromRos(jog)).toEqual({ stamp_ns: 2n * 10n ** 9n, names: ['a'], velocity: Float64Array.of(0.5) });
    expect(() => jointJogFromRos({ ...jog, displacements: [1] })).toThrow(/displacements = an array: are not followed/);
    expect(() => jointJogFromRos({ ...jog, velocities: [1, 2] })).toThrow(
      /velocities = "1 2": must be 1 finite numbers/,
    );
    expect(() => jointJogFromRos({ ...jog, velocities: [Number.NaN] })).toThrow(/velocities = "NaN"/);
  });

  it('of a trajectory on a topic are checked as those of a goal', () => {
    const codec = new RosCodec('trajectory_msgs/msg/JointTrajectory');
    const point = { positions: [1, 2], time_from_start: { sec: 0, nanosec: 20_000_000 } };
    const fields = codec.decode(codec.encode({ joint_names: ['a'], points: [point] }));
    expect(() => trajectoryCommandFromRos(fields)).toThrow(
      'trajectory_msgs/msg/JointTrajectory.points[0].positions.length = 2: must be 1, one a joint',
    );
  });

  it('forward a row of numbers, whatever its layout says', () => {
    const codec = new RosCodec('std_msgs/msg/Float64MultiArray');
    const layout = { dim: [{ label: 'joint', size: 2, stride: 2 }] };
    expect(forwardCommandFromRos(codec.decode(codec.encode({ layout, data: [1, 2] })))).toEqual({
      data: Float64Array.of(1, 2),
    });
  });
});
