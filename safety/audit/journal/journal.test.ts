import { describe, expect, it } from 'vitest';
import { type BodyTrack, createRng } from '../../../contracts/index.ts';
import { loadRobot } from '../../../robots/index.ts';
import { ATTACKS } from '../../../test/support/attacks.ts';
import { GateRig, tableEnvelope } from '../../../test/support/gate_rig.ts';
import { BOXED_NUMBER, bytesPerCall } from '../../../test/support/heap.ts';
import { plainArm } from '../../../test/support/plain_arm.ts';
import { envelopeForRobot } from '../../envelope.ts';
import { SafetyGate } from '../../gate.ts';
import { BLOCK_CYCLES, JournalBlock } from './block.ts';
import { packBlock, unpackBlock } from './codec.ts';
import { JournalledGate } from './journalled_gate.ts';
import { JournalReplay } from './replay.ts';

const PLAIN = plainArm();
const PANDA = loadRobot('panda');
const HZ = 500;

/** A rig whose gate keeps a journal, and the journal's blocks. */
function journalled(robot = PLAIN, envelope = tableEnvelope(robot)) {
  const blocks: Uint8Array[] = [];
  const gate = new JournalledGate(envelope, robot, HZ, 7);
  gate.journalTo({
    take: (block) => {
      blocks.push(packBlock(block));
      return block;
    },
  });
  const rig = new GateRig(robot, envelope, HZ, robot.home_q, gate);
  return { rig, gate, blocks };
}

function replay(blocks: readonly Uint8Array[], robot = PLAIN) {
  const again = new JournalReplay(() => robot);
  for (const block of blocks) again.feed(block);
  return again.result;
}

function person(rng = createRng(1), id = 3): BodyTrack {
  const number = () => rng.range(-1, 1);
  return {
    id,
    kind: 'person',
    radius_m: 0.2,
    length_m: 1.3,
    pose: { position: [1.5 + number(), number(), 0.9], orientation: [0, 0, 0, 1] },
    velocity_m_per_s: [number(), number(), 0],
    position_error_m: 0.05,
  };
}

describe("the gate's journal", () => {
  it.each([PLAIN, PANDA].map((robot) => [robot.name, robot] as const))(
    'replays to the same decisions, whatever the gate was told: %s',
    (_name, robot) => {
      for (const [name, attack] of Object.entries(ATTACKS)) {
        const rng = createRng(31, name);
        const { rig, gate, blocks } = journalled(robot);
        for (let k = 0; k < (robot === PLAIN ? 400 : 120); k++) {
          rig.request.stamp_s = (rig.cycle + 1) / rig.hz;
          rig.request.values = new Float64Array(robot.arm_joints);
          attack(rng, rig, k);
          rig.cycleOnly();
          if (rng.uniform() < 0.01) gate.acknowledge();
        }
        gate.flushJournal();
        const { difference, cycles, ended, events } = replay(blocks, robot);
        expect({ name, difference, cycles, ended }).toEqual({ name, difference: null, cycles: rig.cycle, ended: '' });
        expect(events).toBeGreaterThan(2);
      }
    },
  );

  it('holds whatever comes between cycles: bodies, pace, envelopes, modes, long lists of obstacles', () => {
    const rng = createRng(5);
    const { rig, gate, blocks } = journalled(PANDA);
    const tight = { ...envelopeForRobot(PANDA), lease_s: 0.06 };
    for (let k = 0; k < 400; k++) {
      if (k % 16 === 0) gate.setBodies([person(rng, 1), person(rng, 2), person(rng, 3)], rig.t_s - 0.05, 2, k % 3);
      if (k % 90 === 10) gate.setPace(rng.uniform());
      if (k % 90 === 50) gate.setPace(1);
      if (k === 120) gate.setPolicies(false);
      if (k === 140) gate.setPolicies(true);
      if (k === 200) gate.setEnvelope(tight);
      if (k === 210) gate.rejectBodies();
      if (k === 260) gate.rejectCommand('wrong_length');
      if (k === 150 || k === 300) {
        const obstacle = { shape: { type: 'sphere', radius: 0.01 }, velocity_m_per_s: [0.1, 0, 0] } as const;
        const pose = { position: [0.8, 0.1, 0.123456789], orientation: [0, 0, 0, 1] } as const;
        const list = Array.from({ length: 100 }, (_, i) => ({
          ...obstacle,
          pose,
          id: `${'long name '.repeat(5)}${i}`,
        }));
        rig.setObstacles(list);
      }
      rig.step('velocity', [0.3 * Math.sin(k / 50), 0.1, 0, 0, 0, 0.2, 0]);
      if (k % 100 === 99) gate.acknowledge();
    }
    gate.flushJournal();
    expect(replay(blocks, PANDA)).toMatchObject({ difference: null, cycles: rig.cycle, ended: '' });
    // The list is longer than a block has room for.
    expect(blocks.length).toBeGreaterThan(rig.cycle / BLOCK_CYCLES + 2);
  });

  it('holds an arm that is measured, stops, is moved by hand and reset', () => {
    const { rig, gate, blocks } = journalled();
    const n = PLAIN.arm_joints;
    const state = { position: new Float64Array(n), velocity: new Float64Array(n), effort: new Float64Array(n) };
    rig.measured = state;
    for (let k = 0; k < 300; k++) {
      state.position.set(gate.lastCommand.position);
      state.velocity.set(gate.lastCommand.velocity);
      if (k > 150) state.position[0] += 0.3;
      if (k === 240) {
        state.velocity.fill(0);
        expect(gate.acknowledge()).toBe('');
      }
      rig.step('velocity', Array(n).fill(0.2));
    }
    rig.emergency = true;
    for (let k = 0; k < 60; k++) rig.step('velocity', Array(n).fill(0.2));
    gate.flushJournal();
    expect(replay(blocks)).toMatchObject({ difference: null, cycles: rig.cycle, ended: '' });
    expect(gate.mode).toBe('emergency_stop');
  });

  it('says at which cycle a decision differs, and how', () => {
    const { rig, gate, blocks } = journalled();
    for (let k = 0; k < 120; k++) rig.step('velocity', Array(PLAIN.arm_joints).fill(0.3));
    gate.flushJournal();
    const changed = (change: (block: JournalBlock) => void) => {
      const block = unpackBlock(blocks[1]);
      change(block);
      return replay([blocks[0], packBlock(block), ...blocks.slice(2)]);
    };
    const joints = PLAIN.arm_joints;
    const row = 4 + 4 * joints;
    const asked = changed((block) => {
      block.numbers[10 * row + 4] += 1e-12;
    });
    expect(asked.difference?.cycle).toBe(BLOCK_CYCLES + 10);
    expect(asked.difference?.what).toMatch(/^another motion, now to -?[\d.]+/);
    expect(asked.differing).toBeGreaterThan(1);
    const decided = changed((block) => {
      block.words[7 * 5 + 2] ^= 1;
    });
    expect(decided).toMatchObject({
      differing: 1,
      difference: { cycle: BLOCK_CYCLES + 7, what: 'reasons position, now none' },
    });
    const more = changed((block) => {
      block.words[7 * 5 + 2] ^= 3;
    });
    expect(more.difference?.what).toMatch(/^reasons position, \w+, now none$/);
    const flags = changed((block) => {
      block.words[7 * 5 + 4] ^= 3 << 4;
    });
    expect(flags.difference?.what).toMatch(/^mode \w+, now automatic$/);
  });

  it('says where blocks are missing, and replays nothing after them', () => {
    const { rig, gate, blocks } = journalled();
    for (let k = 0; k < 300; k++) rig.step('velocity', Array(PLAIN.arm_joints).fill(0.3));
    gate.flushJournal();
    const gap = replay(blocks.toSpliced(2, 1));
    expect(gap).toMatchObject({
      cycles: 2 * BLOCK_CYCLES,
      ended: 'blocks of the journal are missing',
      difference: null,
    });
    expect(replay(blocks.slice(1)).ended).toBe('the journal does not begin with the first cycle of the gate');
  });

  it('goes on with the gate of a controller that was started again, also after blocks that are missing', () => {
    const told = [0.3, -0.2].map((velocity) => {
      const { rig, gate, blocks } = journalled();
      for (let k = 0; k < 170; k++) rig.step('velocity', Array(PLAIN.arm_joints).fill(velocity));
      gate.flushJournal();
      return blocks;
    });
    const whole = replay(told.flat());
    expect(whole).toMatchObject({ gates: 2, cycles: 2 * 173, differing: 0, ended: '' });
    const [first, second] = told;
    const gap = replay([...first.toSpliced(1, 1), ...second]);
    expect(gap).toMatchObject({ gates: 2, cycles: 173 + BLOCK_CYCLES, ended: 'blocks of the journal are missing' });
    const late = replay([...first.slice(1), ...second]);
    expect(late).toMatchObject({ gates: 1, cycles: 173, ended: expect.stringContaining('does not begin') });
    const forged = unpackBlock(second[1]);
    forged.words[0] ^= 1;
    const changed = replay([...first, ...second.with(1, packBlock(forged))]);
    expect(changed.difference).toMatchObject({ cycle: BLOCK_CYCLES, what: expect.stringMatching(/^gate 2: another/) });
  });

  it('refuses bytes that are no block in one line', () => {
    const { rig, gate, blocks } = journalled();
    rig.step();
    gate.flushJournal();
    const [block] = blocks;
    for (const bytes of [block.subarray(0, 10), block.subarray(1), block.subarray(0, -1), new Uint8Array(200)]) {
      expect(() => unpackBlock(bytes)).toThrow(/block of the gate's journal .*: must be as the journal writes it/);
    }
    const version = Uint8Array.from(block);
    version[4] = 9;
    expect(() => unpackBlock(version)).toThrow('of version 9');
  });

  it('packs and unpacks to the same bits', () => {
    const rng = createRng(9);
    for (let trial = 0; trial < 10; trial++) {
      const block = new JournalBlock(1 + rng.int(8));
      const cycles = rng.int(BLOCK_CYCLES + 1);
      block.clear(rng.int(1e9));
      block.head[0] = cycles;
      block.head[1] = rng.int(200);
      for (let i = 0; i < block.head[1]; i++) block.events[i] = rng.int(256);
      const row = 4 + 4 * block.joints;
      for (let i = 0; i < cycles * row; i++) block.numbers[i] = rng.uniform() < 0.1 ? Number.NaN : rng.normal();
      for (let i = 0; i < cycles * 5; i++) block.words[i] = rng.int(2 ** 32);
      const again = unpackBlock(packBlock(block));
      expect([again.first[0], ...again.head.subarray(0, 3)]).toEqual([block.first[0], cycles, block.head[1], 0]);
      expect(again.numbers).toEqual(block.numbers);
      expect(again.words).toEqual(block.words);
      expect(again.events).toEqual(block.events);
    }
  });

  it('hears everything that a gate can be told', () => {
    const methods = (of: object) => Object.getOwnPropertyNames(of).filter((name) => name !== 'constructor');
    const getters = (name: string) => Object.getOwnPropertyDescriptor(SafetyGate.prototype, name)?.get !== undefined;
    const heard = methods(JournalledGate.prototype);
    // What only asks, and what the gate does with itself.
    const silent = ['clearanceOf', 'paceOf', 'speedShareOf', 'causes', 'send', 'assessGuards'];
    const untold = methods(SafetyGate.prototype).filter((name) => !getters(name) && !heard.includes(name));
    expect(untold.filter((name) => !silent.includes(name))).toEqual([]);
  });

  it('keeps none without a sink, and allocates nothing with one', () => {
    const { rig } = journalled();
    const none = new JournalledGate(tableEnvelope(PLAIN), PLAIN, HZ, 7);
    const plain = new GateRig(PLAIN, tableEnvelope(PLAIN), HZ, PLAIN.home_q, none);
    let blocks = 0;
    const kept = new JournalledGate(tableEnvelope(PLAIN), PLAIN, HZ, 7);
    kept.journalTo({
      take: (block) => {
        blocks++;
        return block;
      },
    });
    const ring = new GateRig(PLAIN, tableEnvelope(PLAIN), HZ, PLAIN.home_q, kept);
    const run = (of: GateRig) => (calls: number) => {
      for (let k = 0; k < calls; k++) of.step('velocity', of.request.values);
    };
    for (const each of [plain, ring, rig]) each.request.values.fill(0.01);
    run(plain)(3000);
    run(ring)(3000);
    const without = bytesPerCall(2000, run(plain));
    // Where V8 does not inline them, two calls that return a number box it; a row of the journal would take 276 bytes.
    const enough = without + 3 * BOXED_NUMBER;
    expect(bytesPerCall(2000, run(ring), 200, enough)).toBeLessThan(enough);
    expect(blocks).toBeGreaterThan(60);
  });
});
