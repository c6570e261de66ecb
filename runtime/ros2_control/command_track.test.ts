import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { createCommandRequest, envelopeForRobot, SafetyGate, Supervisor } from '../../safety/index.ts';
import { ArmDriver } from '../arm_driver.ts';
import { openArmLink } from '../arm_link.ts';
import { COMMAND, commandValues } from '../arm_protocol.ts';
import { ChannelReader, ChannelWriter, closeChannel } from '../channel.ts';
import { CommandTrack } from './command_track.ts';

const robot = loadRobot('panda', { visualMeshes: false });
const HZ = 500;
const N = robot.arm_joints;
const HISTORY = 48;

/** Command records of a gate that is asked for random velocities, then for nothing: `cycles` of them, the last at rest. */
function gateRecords(rng: Rng, cycles: number, moving: number): Float64Array[] {
  const link = openArmLink(robot, HISTORY);
  const driver = new ArmDriver(robot, new ChannelWriter(link.command), new ChannelReader(link.state), 3);
  const reader = new ChannelReader(link.command);
  const gate = new SafetyGate(envelopeForRobot(robot), robot, HZ, 5);
  const supervisor = new Supervisor();
  gate.reset(robot.home_q);
  const request = createCommandRequest(N);
  const records: Float64Array[] = [];
  for (let k = 0; k < cycles; k++) {
    const t_s = 1 + k / HZ;
    request.kind = k < 30 || k > moving ? 'none' : 'velocity';
    if (k % 50 === 30) for (let i = 0; i < N; i++) request.values[i] = rng.range(-0.6, 0.6);
    request.stamp_s = t_s;
    request.sequence++;
    const nonce = supervisor.step(t_s, gate);
    if (nonce !== 0) gate.grant(nonce);
    driver.write(gate.step(t_s, request));
    reader.poll();
    records.push(reader.payload.slice());
  }
  closeChannel(link.command);
  closeChannel(link.state);
  return records;
}

function trackOf(records: readonly Float64Array[], seen: readonly (readonly [number, number])[]): CommandTrack {
  const track = new CommandTrack(N, HZ, 192, 0.3);
  seen.forEach(([k, now_s], turn) => {
    const record = records[k];
    if (turn === 0) track.begin(record, now_s, record.subarray(COMMAND.joints));
    else expect(track.extend(record, now_s)).toBe('taken');
  });
  return track;
}

describe('the track of commands', () => {
  it('goes on along the very stop that the gate carries out', () => {
    const rng = createRng(5, 'tail');
    const moving = 300 + rng.int(50);
    const records = gateRecords(rng, 700, moving);
    const seen = Array.from({ length: moving / 5 - 1 }, (_, k) => [5 * k + 5, (5 * k + 5) / HZ] as const);
    const track = trackOf(records, seen);
    const from = track.sequence;
    // The newest command seen is some cycles before the stop begins: the rest of what was wanted is not known yet.
    const last = trackOf(records, [...seen, ...[moving - 4, moving].map((k) => [k, k / HZ] as const)]);
    expect(from).toBeLessThan(last.sequence);
    let speed = 0;
    for (let i = 0; i < N; i++) speed = Math.max(speed, Math.abs(records[moving][COMMAND.joints + N + i]));
    expect(speed).toBeGreaterThan(0.1);
    expect(last.tail_cycles).toBeGreaterThan(10);
    for (let k = 1; k < last.tail_cycles + 20; k++) {
      const record = records[moving + k];
      for (let i = 0; i < N; i++) {
        expect(last.positionOf(last.sequence + k, i), `cycle ${k}, joint ${i}`).toBeCloseTo(
          record[COMMAND.joints + i],
          9,
        );
      }
    }
  });

  it('gives rows a time once, within a cycle or two of the true one, however late they are seen', () => {
    const records = gateRecords(createRng(1, 'motion'), 1500, 1400);
    for (let seed = 0; seed < 20; seed++) {
      const rng = createRng(seed, 'late');
      let skipped_s = 0;
      const time = records.map((_, k) => {
        // Now and then the control thread skips cycles.
        if (rng.uniform() < 0.003) skipped_s += (1 + rng.int(3)) / HZ;
        return k / HZ + skipped_s;
      });
      const track = new CommandTrack(N, HZ, 192, 0.3);
      const given = new Map<number, number>();
      let worst_s = 0;
      let k = 1;
      track.begin(records[k], time[k], records[k].subarray(COMMAND.joints));
      while (k < 1450) {
        k += 1 + rng.int(10);
        const now_s = time[k] + rng.range(0, 1 / HZ);
        expect(track.extend(records[k], now_s)).toBe('taken');
        let changed = 0;
        let rate = 0;
        for (let s = track.sequence - 100; s <= track.sequence; s++) {
          const before = given.get(s) ?? track.timeOf(s);
          if (track.timeOf(s) !== before) changed++;
          given.set(s, before);
          rate = Math.max(rate, Math.abs((track.timeOf(s + 1) - track.timeOf(s)) * HZ - 1));
        }
        expect(changed).toBe(0);
        expect(rate).toBeLessThan(0.0201);
        worst_s = Math.max(worst_s, Math.abs(track.timeOf(track.sequence) - now_s));
      }
      expect(worst_s, `seed ${seed}`).toBeLessThan(0.006 + skipped_s);
    }
  });

  it('tells commands that are lost, and jumps, from motion', () => {
    const rng = createRng(2, 'gap');
    const records = gateRecords(rng, 300, 290);
    const track = new CommandTrack(N, HZ, 192, 0.3);
    track.begin(records[5], 0.01, records[5].subarray(COMMAND.joints));
    expect(track.extend(records[5 + HISTORY + 1], 0.1)).toBe('gap');
    expect(track.extend(records[5 + HISTORY], 0.1)).toBe('taken');
    const moved = records[5 + HISTORY + 3].slice();
    const newest = COMMAND.joints + 5 * N;
    for (const values of [COMMAND.joints, newest]) moved[values + 2] += 5e-4;
    expect(track.extend(moved, 0.11)).toBe('jump');
    expect(track.extend(records[5 + HISTORY + 3], 0.11)).toBe('taken');
  });

  it('leads an offset of the start to zero without a step', () => {
    const record = new Float64Array(commandValues(N, HISTORY));
    for (let i = 0; i < N; i++) {
      record[COMMAND.joints + 3 * N + i] = 5;
      record[COMMAND.joints + 4 * N + i] = 2000;
    }
    const track = new CommandTrack(N, HZ, 192, 0.3);
    const from = new Float64Array(N).fill(0.01);
    track.begin(record, 2, from);
    expect(track.positionOf(track.sequence, 0)).toBe(0.01);
    expect(track.positionOf(track.sequence - 50, 0)).toBe(0.01);
    let before = 0.01;
    let step = 0;
    for (let k = 1; k < 200; k++) {
      const p = track.positionOf(track.sequence + k, 0);
      expect(p).toBeLessThanOrEqual(before);
      expect(Math.abs(p - before - step)).toBeLessThan((0.01 * (5.8 / 0.3 ** 2)) / HZ ** 2);
      step = p - before;
      before = p;
    }
    expect(track.positionOf(track.last_sequence + 1, 0)).toBeCloseTo(0, 12);
  });
});
