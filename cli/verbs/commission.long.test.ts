import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { COMMISSIONING_STAGES } from '../../safety/index.ts';
import { CommissioningRig, commissionedOf, failures } from '../../test/support/commissioning_rig.ts';
import { requireRos } from '../../test/support/ros.ts';

let rig: CommissioningRig | null = null;
beforeEach(async (ctx) => {
  rig ??= new CommissioningRig(await requireRos(ctx));
});
afterAll(() => rig?.close());

describe('surepick commission on an arm under ros2_control, whole', () => {
  it('finds one kilogram that was not told at the payload stage', { timeout: 600_000 }, async () => {
    if (rig === null) return;
    await rig.connect({ payload_kg: 1 });
    const { end, code, findings, stages, stderr } = await rig.commission('--trials', '3');
    expect({ end, code }, stderr).toEqual({ end: 'failed', code: 1 });
    expect(stages.at(-1)).toMatchObject({ stage: 'payload', verdict: 'failed' });
    const failed = findings.filter(({ severity }) => severity === 'failure');
    expect(failed).toHaveLength(1);
    expect(failed[0].what).toMatch(/carries (0\.9|1\.0)\d ± 0\.\d\d kg more than the 0 kg/);
  });

  it('takes a sound arm through every stage, the interrupt key in between', { timeout: 1_200_000 }, async () => {
    if (rig === null) return;
    await rig.connect();
    const running = rig.start('--no-resume');
    await running.said(/stop 2: slower/);
    running.signal('SIGINT');
    const broken = commissionedOf(await running.ended);
    expect(broken, broken.stderr).toMatchObject({ end: 'interrupted', code: 130 });
    expect(rig.read().stages.map(({ stage }) => stage)).toEqual(['read_only', 'shadow']);
    const { end, code, permit, stages, stderr } = await rig.commission();
    expect({ end, code }, stderr).toEqual({ end: 'complete', code: 0 });
    expect(permit).toEqual({ tool_speed_m_per_s: null, share: 1, reason: '' });
    expect(stages.map(({ stage }) => stage)).toEqual(COMMISSIONING_STAGES);
    const { measured_stop } = rig.readEnvelope();
    expect(measured_stop?.trials).toBe(20);
  });

  it('names a joint that counts the wrong way round before anything moves', async () => {
    if (rig === null) return;
    await rig.connect({ inverted: { joint: 3 } });
    expect(await failures(rig, 'read_only')).toContain('panda_joint4 counts the wrong way round');
  });

  it('names latency of 80 ms at the stop test', async () => {
    if (rig === null) return;
    await rig.connect({ command_latency_s: 0.08 });
    rig.passedBefore('stop_test');
    expect(await failures(rig, 'stop_test', '--trials', '2')).toMatch(
      /about (5|6|7|8|9|10|11)\d ms of it is latency beyond the driver's own/,
    );
  });
});
