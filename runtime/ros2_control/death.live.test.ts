import { describe, it } from 'vitest';
import { expectArmStops } from '../../test/support/ros_death_report.ts';

describe('an arm under ros2_control whose control process dies, on ROS 2', () => {
  it('slows down within 100 ms and comes to rest', { timeout: 180_000, retry: 1 }, (ctx) => expectArmStops(ctx, 11, 1));
});
