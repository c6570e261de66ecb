import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { CommissioningRig } from '../../test/support/commissioning_rig.ts';
import { requireRos } from '../../test/support/ros.ts';

let rig: CommissioningRig | null = null;
beforeEach(async (ctx) => {
  rig ??= new CommissioningRig(await requireRos(ctx));
});
afterAll(() => rig?.close());

/** What an arm with these faults fails by, found in `stage` and not before. */
async function failures(arm: CommissioningRig, stage: string, ...args: readonly string[]): Promise<string> {
  const { end, code, findings, permit, stderr } = await arm.commission('--stage', stage, ...args);
  expect({ end, code }, stderr).toEqual({ end: 'failed', code: 1 });
  expect(permit).toMatchObject({ tool_speed_m_per_s: 0.05, reason: `commissioning failed at ${stage}` });
  const failed = findings.filter(({ severity }) => severity === 'failure');
  expect(failed.every((finding) => finding.stage === stage)).toBe(true);
  return failed.map(({ what }) => what).join('; ');
}

describe('surepick commission on an arm under ros2_control', () => {
  it('names swapped joints before anything moves', async () => {
    if (rig === null) return;
    await rig.connect({ swapped: { joints: [1, 3] } });
    expect(await failures(rig, 'read_only')).toContain('panda_joint2 and panda_joint4 are swapped');
  });
});
