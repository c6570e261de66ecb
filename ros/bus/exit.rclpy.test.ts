import { describe, expect, it } from 'vitest';
import { requireRos } from '../../test/support/ros.ts';
import { uncleanExits } from '../../test/support/ros_exit.ts';

describe('a process with nodes', () => {
  it('ends with exit code 0 in every way that it ends, in the middle of its work', async (ctx) => {
    expect(await uncleanExits(await requireRos(ctx), 4)).toEqual([]);
  });
});
