import { describe, it } from 'vitest';
import { expectArmStops } from '../../test/support/ros_death_report.ts';

describe('an arm under ros2_control whose control process dies, on ROS 2', () => {
  it('slows down within 100 ms and comes to rest, many times', { timeout: 1_200_000 }, (ctx) =>
    expectArmStops(ctx, 21, 12),
  );

  it('and under a forward controller', { timeout: 600_000 }, (ctx) =>
    expectArmStops(
      ctx,
      31,
      6,
      { mode: 'forward', controller: '/forward_position_controller', publish_hz: 250 },
      { active: 'forward' },
    ),
  );
});
