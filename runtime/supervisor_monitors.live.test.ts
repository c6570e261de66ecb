import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphRig } from '../test/support/graph_rig.ts';

describe('the supervisor of a graph of processes', () => {
  let rig: GraphRig;
  beforeAll(async () => {
    rig = await GraphRig.start();
    await rig.ready();
  });
  afterAll(async () => {
    await rig?.finish();
  });

  it('has the gate go slower for a warm joint, and as usual once it has cooled down', async () => {
    await rig.ask('safety', { kind: 'temperature', value_C: 75 });
    const warm = await rig.until(({ degradation, pace }) => degradation === 'slower' && pace === 0.25, 'slower pace');
    expect(warm.reasons.join()).toContain('temperature: joint temperature at 75.0 °C, warm from 70 on');
    await rig.ask('safety', { kind: 'temperature', value_C: 40 });
    await rig.until(({ degradation, pace }) => degradation === 'none' && pace === 1, 'usual pace');
  });

  it('stops the arm for a hot joint, and resets only once it is hot no more', async () => {
    await rig.ask('safety', { kind: 'temperature', value_C: 95 });
    const hot = await rig.until(({ mode, pace }) => mode === 'protective_stop' && pace === 0, 'stop');
    expect(hot).toMatchObject({ degradation: 'stop', latched: true });
    const reset = () => rig.ask('safety', { kind: 'reset' });
    expect(await reset()).toMatchObject({ success: false, message: expect.stringContaining('at 95.0 °C, at most 80') });
    await rig.ask('safety', { kind: 'temperature', value_C: 40 });
    await rig.ready();
    await rig.until(
      ({ mode, degradation, pace }) => mode === 'automatic' && degradation === 'none' && pace === 1,
      'work',
    );
  });

  it('stops the arm for a state that jumps, which is over by itself, until a reset', async () => {
    await rig.ask('safety', { kind: 'jump', by_rad: 0.5 });
    // A busy machine may have stopped it before for a reason of its own.
    const stopped = await rig.until(
      ({ degradation, mode }) => degradation === 'stop' && mode === 'protective_stop',
      'stop',
    );
    expect(stopped.latched).toBe(true);
    expect(stopped.reasons.join()).toMatch(/state_jump: .*joint1 moved by 0.500 rad/);
    await rig.ready();
    expect(await rig.state()).toMatchObject({ degradation: 'none' });
  });
});
