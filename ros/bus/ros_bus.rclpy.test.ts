import { describe, expect, it } from 'vitest';
import { requireRos } from '../../test/support/ros.ts';
import { runTestsUnderRos } from '../../test/support/vitest_ros.ts';

/** What every bus must do. */
const BUS = 'test/ros/ros_bus.ros.ts';
/** Guards callbacks, keeps namespaces apart, joins what belongs together, and follows /clock. */
const GRAPH = 'test/ros/ros_graph.ros.ts';

describe('the bus on ROS 2', () => {
  it.for([
    { link: '1', files: [BUS, GRAPH] },
    { link: '0', files: [BUS] },
  ])('does what it must, with local links (1) or without (0): $link', async ({ link, files }, ctx) => {
    const results = await runTestsUnderRos(await requireRos(ctx), files, { SUREPICK_LOCAL_LINK: link });
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    expect(results.length).toBeGreaterThan(10 * files.length);
  });
});
