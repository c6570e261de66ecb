import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { freshDomain, requireRos, startRclpy } from '../../test/support/ros.ts';
import { memoryFinding } from './examine.ts';
import { removeDeadSegments } from './shared_memory.ts';

const NODE = 'import rclpy; rclpy.init(); node = rclpy.create_node("segment"); print("ready"); rclpy.spin(node)';

/** Files of the segments that a process has in use. */
function segmentsOf(pid: number | undefined): string[] {
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
  return [...new Set(maps.match(/\/dev\/shm\/fastrtps_[0-9a-f]{16}$/gm))];
}

describe('shared memory of ROS processes', () => {
  it('is freed after a process that was killed and kept for one that lives', async (ctx) => {
    const ros = await requireRos(ctx);
    // In one domain each would use the segment of the other too.
    const [alive, killed] = [0, 1].map(() => startRclpy(ros, NODE, [], { domain: freshDomain() }));
    await Promise.all([alive.line(/ready/), killed.line(/ready/)]);
    const [kept, left] = [segmentsOf(alive.child.pid), segmentsOf(killed.child.pid)];
    expect([kept.length > 0, left.length > 0]).toEqual([true, true]);
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(left.filter(existsSync)).toEqual(left);
    if ((await removeDeadSegments(ros.env)) === null)
      return ctx.skip('this ROS has no fastdds command; `surepick ros setup` makes one that has');
    expect(left.filter(existsSync)).toEqual([]);
    expect(kept.filter(existsSync)).toEqual(kept);
    alive.child.kill('SIGINT');
    await alive.ended;
  });

  it('is said to be short before a graph runs out of it', () => {
    expect(memoryFinding({ free_bytes: 64e6, segments: 1 })).toMatchObject([{ state: 'limited' }]);
    expect(memoryFinding({ free_bytes: 8e9, segments: 1 })).toMatchObject([{ state: 'found', remedy: '' }]);
    expect(memoryFinding(null)).toEqual([]);
  });
});
