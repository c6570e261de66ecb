import { expect, it } from 'vitest';
import { compiledProgram } from '../test/support/programs.ts';
import { freshDomain, requireRos } from '../test/support/ros.ts';
import { latencies } from './ros_latency.ts';

it('goes there and back faster than the library itself does, and is measured beside rclpy', async (ctx) => {
  const { env, python } = await requireRos(ctx);
  const peers = {
    env: { ...env, ROS_DOMAIN_ID: String(freshDomain()) },
    python,
    program: await compiledProgram('../../bench/ros_ping'),
  };
  const { rows } = await latencies(peers, 2, 1_000, () => {});
  const median = (title: string) => rows.find(({ name }) => name === `round trip, ${title}, 50 %`)?.value ?? Number.NaN;
  expect(rows.every(({ value, reference }) => value > 0 && reference !== null && reference > 0)).toBe(true);
  expect(median('this stack')).toBeLessThan(0.7 * median('rclnodejs objects'));
}, 600_000);
