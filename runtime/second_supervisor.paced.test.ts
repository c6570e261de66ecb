import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphRig } from '../test/support/graph_rig.ts';
import { TAMPERING } from './tampering.ts';

const FOUND = TAMPERING['tampering.second_supervisor'];

describe('a second supervisor for the same arm', () => {
  let rig: GraphRig;
  beforeAll(async () => {
    rig = await GraphRig.start();
    await rig.ready();
  });
  afterAll(async () => {
    await rig?.finish();
  });
  const reset = () => rig.ask('safety', { kind: 'reset' });

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
