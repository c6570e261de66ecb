import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { CommissioningRig, failures } from '../../test/support/commissioning_rig.ts';
import { requireRos } from '../../test/support/ros.ts';

let rig: CommissioningRig | null = null;
beforeEach(async (ctx) => {
  rig ??= new CommissioningRig(await requireRos(ctx));
});
afterAll(() => rig?.close());

describe('surepick commission on an arm under ros2_control', () => {
  it('names swapped joints before anything moves', async () => {
    if (rig === null) return;
    await rig.connect({ swapped: { joints: [1, 3] } });
    expect(await failures(rig, 'read_only')).toContain('panda_joint2 and panda_joint4 are swapped');
  });
});
