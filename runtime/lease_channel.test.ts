import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SAFETY_MODES } from '../contracts/index.ts';
import { type Channel, ChannelWriter, closeChannel, openChannel } from './channel.ts';
import { GateOverChannel, GRANT_VALUES, LeaseChannel, OBSERVATION_VALUES } from './lease_channel.ts';

let observation: Channel;
let grant: Channel;
beforeEach(() => {
  observation = openChannel(OBSERVATION_VALUES);
  grant = openChannel(GRANT_VALUES);
});
afterEach(() => {
  closeChannel(observation);
  closeChannel(grant);
});

describe('the lease over channels', () => {
  it('carries mode and nonce to the supervisor, and its grant back, once', () => {
    const gate = new LeaseChannel(observation, grant);
    const seen = new GateOverChannel(observation, grant);
    seen.poll();
    expect(seen.nonce).toBe(0);
    expect(gate.step()).toBe(0);
    SAFETY_MODES.forEach((mode, k) => {
      gate.tell({ mode, nonce: 1000 + k });
      seen.poll();
      expect({ mode: seen.mode, nonce: seen.nonce }).toEqual({ mode, nonce: 1000 + k });
      seen.grant(seen.nonce);
      expect(gate.step()).toBe(1000 + k);
      expect(gate.step()).toBe(0);
    });
  });

  it('offers no nonce twice, so that none puts off the next', () => {
    const gate = new LeaseChannel(observation, grant);
    const seen = new GateOverChannel(observation, grant);
    for (let k = 0; k < 3; k++) {
      gate.tell({ mode: 'automatic', nonce: 7 });
      seen.poll();
      expect(seen.nonce).toBe(k === 0 ? 7 : 0);
      if (k === 0) seen.grant(7);
    }
    gate.tell({ mode: 'automatic', nonce: 8 });
    seen.poll();
    expect(seen.nonce).toBe(8);
  });

  it.each([0, -1, 1.5, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY])('takes %d for no nonce', (nonce) => {
    const gate = new LeaseChannel(observation, grant);
    const seen = new GateOverChannel(observation, grant);
    gate.tell({ mode: 'automatic', nonce });
    seen.poll();
    expect(seen.nonce).toBe(0);
    const writer = new ChannelWriter(grant);
    writer.payload[0] = nonce;
    writer.send();
    expect(gate.step()).toBe(0);
  });

  it('takes an unknown mode for no nonce', () => {
    const writer = new ChannelWriter(observation);
    const seen = new GateOverChannel(observation, grant);
    for (const mode of [-1, SAFETY_MODES.length, 0.5, Number.NaN]) {
      writer.payload.set([5, mode]);
      writer.send();
      seen.poll();
      expect(seen.nonce, `mode ${mode}`).toBe(0);
    }
  });

  it('does not give a gate what was granted before it began', () => {
    const earlier = new GateOverChannel(observation, grant);
    earlier.grant(5);
    expect(new LeaseChannel(observation, grant).step()).toBe(0);
  });
});
