import { afterEach, describe, expect, it } from 'vitest';
import { loadRobot } from '../robots/index.ts';
import { autonomyLimits, documentHash, envelopeDocument, envelopeForRobot } from '../safety/index.ts';
import { heapGrowthPerCall } from '../test/support/heap.ts';
import { LockStep } from '../test/support/lock_step.ts';
import { ChannelReader } from './channel.ts';
import { GateOverChannel } from './gate_over_channel.ts';
import { GRANT } from './gate_record.ts';
import { TAMPERING } from './tampering.ts';

const ENVELOPE = envelopeForRobot(loadRobot('panda', { visualMeshes: false }));
const SHA256 = documentHash(envelopeDocument(ENVELOPE));
const OTHER = TAMPERING['tampering.grant_channel'];
let rig: LockStep;
afterEach(() => rig.close());

const run = (cycles: number) => {
  for (let i = 0; i < cycles; i++) rig.cycle();
};
const holds = () => rig.supervisor.view().holds;

function ask(question: (done: (refusal: string) => void) => void): string | null {
  let answer: string | null = null;
  question((refusal) => {
    answer = refusal;
  });
  for (let i = 0; i < 600 && answer === null; i++) rig.cycle();
  return answer;
}
const reset = () => ask((done) => rig.supervisor.reset(done));

describe('another process that holds the grant channel', () => {
  const WAYS: readonly (readonly [string, (other: GateOverChannel, k: number) => void])[] = [
    ['grants as the supervisor does', (other) => void (other.poll() && other.nonce !== 0 && other.grant(other.nonce))],
    ['grants without reading', (other, k) => other.grant(1000 + k)],
    ['asks for a reset', (other) => void other.requestReset()],
    ['asks for another mode', (other) => void other.requestMode('guided', true)],
    ['sets the pace', (other, k) => other.setPace(0.5 + (k % 2) / 4, true)],
  ];

  it.each(WAYS)('that %s holds the arm, for as long as it is there', (_, act) => {
    rig = new LockStep();
    rig.move();
    const other = new GateOverChannel(rig.gate_link.observation, rig.gate_link.grant);
    act(other, 0);
    run(3);
    expect(holds()).toEqual([OTHER]);
    expect(rig.state.mode).toBe('protective_stop');
    rig.rest();
    for (let k = 1; k < 300; k++) {
      act(other, k);
      rig.cycle();
    }
    expect(rig.state.mode).toBe('protective_stop');
    expect(rig.state.at_rest).toBe(true);
    expect(reset()).toBe(OTHER);
    run(550);
    expect(reset()).toBe('');
    expect(rig.move(2000)).toBe('');
    expect(rig.state.follower_outcome).toBe('done');
  });

  it('is never this supervisor itself, nor the one before it', () => {
    rig = new LockStep();
    rig.move(400);
    rig.supervisor.requestStop(1, 'x');
    rig.rest();
    rig.restartSupervisor();
    run(20);
    rig.restartControl();
    run(600);
    expect(rig.supervisor.view().missing).toEqual([]);
    expect(holds()).not.toContain(OTHER);
    expect(reset()).toBe('');
  });

  it('is looked for without allocating', () => {
    rig = new LockStep();
    const gate = new GateOverChannel(rig.gate_link.observation, rig.gate_link.grant);
    gate.grant(1);
    expect(heapGrowthPerCall(() => void gate.poll())).toBeLessThan(16);
    expect(gate.intrusions).toBe(0);
  });
});

describe('the envelope that control has loaded', () => {
  it('lets the arm move where it is the approved one, and holds it where it is another', () => {
    rig = new LockStep();
    rig.supervisor.setEnvelope(SHA256);
    run(20);
    expect(rig.state.mode).toBe('automatic');
    rig.move();
    const looser = { ...ENVELOPE, tracking_error_rad: ENVELOPE.tracking_error_rad / 2 };
    rig.supervisor.setEnvelope(documentHash(envelopeDocument(looser)));
    run(3);
    expect(holds()).toEqual([TAMPERING['tampering.envelope']]);
    expect(rig.state.mode).toBe('protective_stop');
    rig.rest();
    expect(reset()).toBe(TAMPERING['tampering.envelope']);
    rig.supervisor.setEnvelope(SHA256);
    run(2);
    expect(reset()).toBe('');
  });
});

describe('the level of autonomy', () => {
  it.each([
    ['scripted', 0],
    ['learned', 1],
    ['unattended', 1],
  ] as const)('`%s` says to the gate whether learned policies may command, whatever monitors say', (level, allowed) => {
    rig = new LockStep(null, true, autonomyLimits(level));
    const told = new ChannelReader(rig.gate_link.grant);
    for (const policies of [true, false, true]) {
      rig.supervisor.setPace(policies ? 1 : 0.5, policies);
      run(5);
      told.poll();
      expect(told.payload[GRANT.policies]).toBe(policies ? allowed : 0);
    }
    expect(rig.state.mode).toBe('automatic');
  });

  it('of `guided` moves the arm in that mode alone', () => {
    rig = new LockStep(null, true, autonomyLimits('guided'));
    run(20);
    expect(rig.state.selected_mode).toBe('guided');
    const select = (mode: 'guided' | 'automatic', enabled: boolean) =>
      ask((done) => rig.supervisor.setMode(mode, enabled, done));
    expect(select('automatic', true)).toBe("this arm's autonomy allows only mode guided");
    expect(rig.move()).toBe('');
    expect(rig.arm.servo.v.every((v) => Math.abs(v) < 1e-3)).toBe(true);
    rig.rest();
    reset();
    expect(select('guided', true)).toBe('');
    reset();
    expect(rig.move(2000)).toBe('');
    expect(rig.state.follower_outcome).toBe('done');
    // Who tells the controller itself to go automatic gets no grants.
    rig.rest();
    expect(rig.ask('mode', (body) => body.fill(0))).toBe('');
    run(3);
    expect(rig.state.selected_mode).toBe('guided');
  });
});
