import { afterAll, describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import {
  ARM_COMMAND,
  ARM_STATE,
  ChannelReader,
  ChannelWriter,
  closeChannel,
  openArmLink,
} from '../../runtime/index.ts';
import { heapGrowthPerCall } from '../../test/support/heap.ts';
import { PANDA } from '../../test/support/live_cell.ts';
import { createPlant } from '../plant.ts';
import { drawUnrecordedWorld } from '../world_record.ts';
import { ChannelArm } from './channel_arm.ts';

const N = PANDA.arm_joints;
const HZ = 500;
const link = openArmLink(PANDA);
afterAll(() => {
  for (const channel of Object.values(link)) closeChannel(channel);
});
const { instance } = drawUnrecordedWorld({ task: 'pick-place', seed: 1, randomize: 'none', objects: 'all' }, 0, PANDA);
const { engine, arm, driver } = createPlant(PANDA, instance.scene, createRng(1), 'cannon', null);
const commands = new ChannelWriter(link.command);
const states = new ChannelReader(link.state);
let sequence = 0;

/** Joint 1 swings about home. */
function command(session: number, t_s: number): void {
  const { payload } = commands;
  payload.fill(0);
  payload[ARM_COMMAND.session] = session;
  payload[ARM_COMMAND.sequence] = ++sequence;
  payload[ARM_COMMAND.drives_on] = 1;
  for (let i = 0; i < N; i++) payload[ARM_COMMAND.joints + i] = PANDA.home_q[i];
  payload[ARM_COMMAND.joints] += 0.3 * (1 - Math.cos(t_s));
  payload[ARM_COMMAND.joints + N] = 0.3 * Math.sin(t_s);
  payload[ARM_COMMAND.joints + 2 * N] = 0.3 * Math.cos(t_s);
  commands.send();
}

/** The reference farthest from what a sender commands who gets to every `of`-th of its cycles no sooner than these say. */
function worstLag(session: number, cyclesAt: (k: number) => number): number {
  const channel = new ChannelArm(PANDA, HZ, new ChannelReader(link.command), new ChannelWriter(link.state));
  let [sent, worst] = [0, 0];
  for (let k = 0; k < 3 * HZ; k++) {
    const due = k === 0 ? 0 : Math.floor(cyclesAt(k));
    if (due > sent || k === 0) {
      sent = due;
      command(session, sent / HZ);
    }
    channel.receive();
    channel.advance(arm, engine);
    const wanted = PANDA.home_q[0] + 0.3 * (1 - Math.cos(sent / HZ));
    if (k > 0) worst = Math.max(worst, Math.abs(channel.servo.q[0] - wanted));
  }
  expect(channel.servo.phase, `session ${session}`).toBe('following');
  expect(channel.servo.refused).toBe(0);
  return worst;
}

describe('the arm behind the channels', () => {
  it('keeps up with a sender that drifts, comes in bursts, or misses deadlines and so moves later', () => {
    const rng = createRng(3);
    let late = 0;
    const stalls = Array.from({ length: 3 * HZ }, () => {
      late = late > 0 ? late - 1 : rng.uniform() < 0.02 ? 12 : 0;
      return late;
    });
    let run = 0;
    const missing = stalls.map((stall) => (stall > 0 ? run : ++run));
    // A cycle of motion at 0.3 rad/s is 0.0006 rad.
    // Session, cycles of the sender by those of the arm, rad.
    expect(worstLag(1, (k) => k)).toBeLessThan(0.001);
    expect(worstLag(2, (k) => 1.002 * k)).toBeLessThan(0.003);
    expect(worstLag(3, (k) => 0.998 * k)).toBeLessThan(0.003);
    expect(worstLag(4, (k) => 5 * Math.floor(k / 5))).toBeLessThan(0.006);
    expect(worstLag(5, (k) => missing[k])).toBeLessThan(0.02);
    expect(worstLag(6, (k) => 0.5 * k)).toBeLessThan(0.012);
  });

  it('allocates in a cycle only what reads and writes of channels take', () => {
    const channel = new ChannelArm(PANDA, HZ, new ChannelReader(link.command), new ChannelWriter(link.state), 2);
    const state = driver.read();
    let k = 0;
    const cycle = () => {
      command(7, k++ / HZ);
      channel.receive();
      channel.advance(arm, engine);
      channel.report(state);
      states.poll();
    };
    expect(heapGrowthPerCall(cycle, 2000, 200)).toBeLessThan(200);
    expect(states.payload[ARM_STATE.phase]).toBe(1);
  });
});
