import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRng, SAFETY_MODES } from '../contracts/index.ts';
import type { SafetyMode } from '../safety/index.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../test/support/heap.ts';
import { type Channel, ChannelWriter, closeChannel, openChannel } from './channel.ts';
import { GateOverChannel } from './gate_over_channel.ts';
import { type GateReport, GRANT, GRANT_VALUES, OBSERVATION, OBSERVATION_VALUES } from './gate_record.ts';
import { LeaseChannel } from './lease_channel.ts';

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

const report = (mode: SafetyMode, nonce: number): GateReport => ({
  mode,
  nonce,
  reasons: 5,
  latchedReasons: 4,
  selectedMode: 'reduced',
  stopCategory: 1,
  leaseValid: true,
  atRest: false,
  passed: 3,
  limited: 2,
  stopped: 1,
  pace: 1,
  source: 'servo',
  lastCommand: { drives_on: true, stop_time_s: 0.25 },
});

const hear = (gate: LeaseChannel) => {
  gate.receive();
  return gate.step();
};

describe('the lease over channels', () => {
  it('carries mode and nonce to the supervisor, and its grant back, once', () => {
    const gate = new LeaseChannel(observation, grant);
    const seen = new GateOverChannel(observation, grant);
    seen.poll();
    expect(seen.nonce).toBe(0);
    expect(seen.snapshot()).toBeNull();
    expect(hear(gate)).toBe(0);
    SAFETY_MODES.forEach((mode, k) => {
      gate.tell(report(mode, 1000 + k), 0, 'following');
      seen.poll();
      expect({ mode: seen.mode, nonce: seen.nonce }).toEqual({ mode, nonce: 1000 + k });
      seen.grant(seen.nonce);
      expect(hear(gate)).toBe(1000 + k);
      expect(hear(gate)).toBe(0);
    });
  });

  it('offers no nonce twice, so that none puts off the next', () => {
    const gate = new LeaseChannel(observation, grant);
    const seen = new GateOverChannel(observation, grant);
    for (let k = 0; k < 3; k++) {
      gate.tell(report('automatic', 7), 0, 'following');
      seen.poll();
      expect(seen.nonce).toBe(k === 0 ? 7 : 0);
      if (k === 0) seen.grant(7);
    }
    gate.tell(report('automatic', 8), 0, 'following');
    seen.poll();
    expect(seen.nonce).toBe(8);
  });

  it('carries all that the supervisor wants to know', () => {
    const gate = new LeaseChannel(observation, grant);
    const seen = new GateOverChannel(observation, grant);
    gate.answer('the arm is still in motion – ä');
    gate.tell(report('guided', 9), 0b1000001, 'braking');
    expect(seen.poll()).toBe(true);
    expect(seen.snapshot()).toMatchObject({
      mode: 'guided',
      selected_mode: 'reduced',
      reasons: ['position', 'acceleration'],
      latched_reasons: ['acceleration'],
      causes: ['requested'],
      stop_category: 1,
      stop_time_s: 0.25,
      drives_on: true,
      lease_valid: true,
      at_rest: false,
      passed: 3,
      limited: 2,
      stopped: 1,
      source: 'servo',
      arm_phase: 'braking',
      refusal: 'the arm is still in motion – ä',
      answered: { stops: 0, resets: 0, modes: 0 },
    });
  });

  it('asks for stops, resets and modes, each once, whichever records the gate misses', () => {
    const gate = new LeaseChannel(observation, grant);
    const seen = new GateOverChannel(observation, grant);
    const take = () => ({ stop: gate.takeStop(), reset: gate.takeReset(), mode: gate.takeMode() });
    expect(take()).toEqual({ stop: -1, reset: false, mode: null });
    seen.requestStop(2, 'planning does not answer');
    seen.requestReset();
    const mode = seen.requestMode('guided', true);
    seen.grant(17);
    expect(hear(gate)).toBe(17);
    expect(take()).toEqual({ stop: 2, reset: true, mode: 'guided' });
    expect(gate.enabled).toBe(true);
    expect(hear(gate)).toBe(0);
    expect(take()).toEqual({ stop: -1, reset: false, mode: null });
    gate.tell(report('automatic', 3), 0, 'following');
    seen.poll();
    expect(seen.snapshot()?.answered).toEqual({ stops: 1, resets: 1, modes: mode });
  });

  it('goes on from the counters of the supervisor before, whose demands it does not repeat', () => {
    const before = new GateOverChannel(observation, grant);
    expect(before.restarted).toBe(false);
    before.requestStop(1, 'x');
    before.requestMode('guided', true);
    const gate = new LeaseChannel(observation, grant);
    gate.receive();
    expect([gate.takeStop(), gate.takeMode()]).toEqual([-1, null]);
    const next = new GateOverChannel(observation, grant);
    expect(next.restarted).toBe(true);
    next.grant(4);
    expect(hear(gate)).toBe(4);
    expect([gate.takeStop(), gate.takeReset(), gate.takeMode(), gate.enabled]).toEqual([-1, false, null, false]);
    next.requestReset();
    gate.receive();
    expect(gate.takeReset()).toBe(true);
  });

  it('grants nothing while other limits are asked for than the gate keeps', () => {
    const gate = new LeaseChannel(observation, grant);
    const seen = new GateOverChannel(observation, grant);
    seen.setLimits(0.05, 0.5);
    seen.grant(1);
    expect(hear(gate)).toBe(0);
    expect([gate.limitsWanted, gate.toolSpeed_m_per_s, gate.speedShare]).toEqual([true, 0.05, 0.5]);
    gate.keepLimits();
    seen.grant(2);
    expect(hear(gate)).toBe(2);
    seen.setLimits(null, 1);
    seen.grant(3);
    expect(hear(gate)).toBe(0);
    gate.refuseLimits();
    expect([gate.limitsWanted, gate.limitsKept]).toEqual([false, false]);
    seen.setLimits(0.05, 0.5);
    seen.grant(4);
    expect(hear(gate)).toBe(4);
  });

  it('carries the pace and whether policies may command, at once and without a grant', () => {
    const gate = new LeaseChannel(observation, grant);
    expect([gate.pace, gate.policies]).toEqual([1, true]);
    const seen = new GateOverChannel(observation, grant);
    seen.setPace(0.25, false);
    expect(hear(gate)).toBe(0);
    expect([gate.pace, gate.policies]).toEqual([0.25, false]);
    gate.tell({ ...report('automatic', 7), pace: 0.2, separation_m: 1.5, protective_distance_m: null }, 0, 'following');
    seen.poll();
    expect(seen.snapshot()).toMatchObject({ pace: 0.2, separation_m: 1.5, protective_distance_m: null });
    // Another supervisor knows of nothing that is wrong, and holds anyway.
    expect(new GateOverChannel(observation, grant).restarted).toBe(true);
    seen.setPace(1, true);
    gate.receive();
    expect([gate.pace, gate.policies]).toEqual([1, true]);
  });

  it.each([0, -1, 1.5, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY])('takes %d for no nonce', (nonce) => {
    const gate = new LeaseChannel(observation, grant);
    const seen = new GateOverChannel(observation, grant);
    gate.tell(report('automatic', nonce), 0, 'following');
    seen.poll();
    expect(seen.nonce).toBe(0);
    seen.grant(nonce);
    expect(hear(gate)).toBe(0);
  });

  it('takes nothing of a record in which anything makes no sense', () => {
    const rng = createRng(3, 'records');
    const wrong = [-1, 0.5, 1e300, Number.NaN, Number.NEGATIVE_INFINITY];
    const gate = new LeaseChannel(observation, grant);
    const sound = new GateOverChannel(observation, grant);
    sound.grant(1);
    hear(gate);
    const writer = new ChannelWriter(grant);
    for (const [name, place] of Object.entries(GRANT)) {
      const value = ['speed_share', 'tool_speed_m_per_s', 'pace'].includes(name) ? -1 : wrong[rng.int(wrong.length)];
      writer.payload.fill(0);
      writer.payload.set([rng.int(1000) + 2, 7, 1, 7, 7, 1, 1, 0.1, 0.5]);
      writer.payload[place] = value;
      writer.send();
      expect(hear(gate), `${name} ${value}`).toBe(0);
      expect([gate.takeStop(), gate.takeReset(), gate.takeMode()], `${name} ${value}`).toEqual([-1, false, null]);
    }
    expect(gate.malformed).toBe(Object.keys(GRANT).length);
    const told = new ChannelWriter(observation);
    for (const place of [OBSERVATION.nonce, OBSERVATION.mode, OBSERVATION.arm_phase, OBSERVATION.text_bytes]) {
      for (const value of wrong) {
        told.payload.fill(0);
        told.payload[OBSERVATION.nonce] = 5;
        told.payload[place] = value;
        told.send();
        expect(sound.poll(), `${place} ${value}`).toBe(false);
        expect(sound.nonce).toBe(0);
      }
    }
  });

  it('does not give a gate what was granted before it began', () => {
    const earlier = new GateOverChannel(observation, grant);
    earlier.grant(5);
    expect(hear(new LeaseChannel(observation, grant))).toBe(0);
  });

  it('costs no memory in the cycles of the gate, but for what writing a file does', () => {
    const gate = new LeaseChannel(observation, grant);
    const bare = new ChannelWriter(grant);
    const told = report('automatic', 7);
    const written = heapGrowthPerCall(() => bare.send(), 2_000, 60);
    const bytes = heapGrowthPerCall(
      () => {
        gate.receive();
        gate.step();
        gate.takeStop();
        gate.tell(told, 0, 'following');
      },
      2_000,
      written + 1,
    );
    expect(bytes).toBeLessThan(written + BOXED_NUMBER);
  });
});
