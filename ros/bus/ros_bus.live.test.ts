import { describe, expect, it } from 'vitest';
import { requireRos } from '../../test/support/ros.ts';
import { runTestsUnderRos } from '../../test/support/vitest_ros.ts';

describe('the bus on ROS 2', () => {
  it.for(['1', '0'])('does what every bus must do, with local links (1) or without (0): %s', async (link, ctx) => {
    const env = { SUREPICK_LOCAL_LINK: link };
    const results = await runTestsUnderRos(await requireRos(ctx), 'test/ros/ros_bus.ros.ts', env);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    expect(results.length).toBeGreaterThan(10);
  });

  it('guards callbacks, keeps namespaces apart, joins what belongs together, and follows /clock', async (ctx) => {
    const results = await runTestsUnderRos(await requireRos(ctx), 'test/ros/ros_graph.ros.ts');
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    expect(results.length).toBeGreaterThan(10);
  });
});
