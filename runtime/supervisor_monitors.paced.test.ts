import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SafetyState } from '../contracts/index.ts';
import { GraphRig } from '../test/support/graph_rig.ts';
import { TAMPERING } from './tampering.ts';

const FOUND = TAMPERING['tampering.second_supervisor'];
const SECONDS = { timeout: 10_000, interval: 20 };

let rig: GraphRig;
beforeAll(async () => {
  rig = await GraphRig.start();
  await rig.ready();
});
afterAll(async () => {
  await rig?.finish();
});

const reset = () => rig.ask('safety', { kind: 'reset' });

/** A busy machine may stop the arm for a reason of its own: reset until a state has all of this. */
function becomes(wanted: Partial<SafetyState>): Promise<void> {
  const state = async () => {
    const now = await rig.state();
    if (now.mode === 'protective_stop') await reset();
    return now;
  };
  return expect.poll(state, SECONDS).toMatchObject(wanted);
}

describe('the supervisor of a graph of processes', () => {
  it('has the gate go slower for a warm joint, and as usual once it has cooled down', async () => {
    await rig.ask('safety', { kind: 'temperature', value_C: 75 });
    const why = 'temperature: joint temperature at 75.0 °C, warm from 70 on';
    const reasons = expect.arrayContaining([expect.stringContaining(why)]);
    await becomes({ degradation: 'slower', pace: 0.25, reasons });
    await rig.ask('safety', { kind: 'temperature', value_C: 40 });
    await becomes({ degradation: 'none', pace: 1 });
  });

  it('stops the arm for a hot joint, and resets only once it is hot no more', async () => {
    await rig.ask('safety', { kind: 'temperature', value_C: 95 });
    const hot = await rig.until(
      ({ mode, pace, degradation }) => mode === 'protective_stop' && pace === 0 && degradation === 'stop',
      'stop',
    );
    expect(hot.latched).toBe(true);
    expect(await reset()).toMatchObject({ success: false, message: expect.stringContaining('at 95.0 °C, at most 80') });
    await rig.ask('safety', { kind: 'temperature', value_C: 40 });
    await rig.ready();
    await becomes({ mode: 'automatic', degradation: 'none', pace: 1 });
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
    await becomes({ degradation: 'none' });
  });
});

describe('a second supervisor for the same arm', () => {
  it('does not become active, and does not stop the first', async () => {
    expect(await rig.ask('safety', { kind: 'second' })).toContain(FOUND);
    expect((await rig.state()).reasons.join()).not.toContain(FOUND);
    expect(await rig.ask('safety', { kind: 'tampering' })).toEqual(['tampering.second_supervisor']);
  });

  it('whose states are heard holds the arm, and no reset is accepted while it speaks', async () => {
    await rig.ready();
    await rig.ask('safety', { kind: 'impostor', seconds: 1.5 });
    const held = await rig.until(
      ({ mode, reasons }) => mode === 'protective_stop' && reasons.includes(FOUND),
      'protective stop',
    );
    expect(held.latched).toBe(true);
    expect(await reset()).toMatchObject({ success: false, message: expect.stringContaining(FOUND) });
    await expect.poll(reset, { timeout: 10_000, interval: 200 }).toMatchObject({ success: true });
    await rig.ready();
    expect((await rig.state()).reasons).toEqual([]);
    expect(await rig.ask('safety', { kind: 'tampering' })).toEqual([
      'tampering.second_supervisor',
      'tampering.second_supervisor',
    ]);
  });
});
