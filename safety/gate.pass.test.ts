import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { Judge } from '../test/support/gate_judge.ts';
import { GateRig, tableEnvelope } from '../test/support/gate_rig.ts';
import { BOXED_NUMBER, bytesPerCall } from '../test/support/heap.ts';
import { plainArm } from '../test/support/plain_arm.ts';
import { restToRest } from '../test/support/rest_to_rest.ts';
import { INSTRUMENTED, sweep } from '../test/support/sweep.ts';
import { createCommandRequest } from './command_request.ts';
import { envelopeForRobot, envelopeLimits } from './envelope.ts';
import { SafetyGate } from './gate.ts';

const ROBOT = plainArm();
const HOME = ROBOT.home_q;
const N = ROBOT.arm_joints;
const ENVELOPE = tableEnvelope(ROBOT);
const OPEN = { ...ENVELOPE, workspace: null };
const LIMITS = envelopeLimits(ENVELOPE);

/** Random moves at a fraction of the limits; how many cycles passed, and the greatest change made. */
function passThrough(fraction: number, hz: number, moves: number): { passed: number; cycles: number; change: number } {
  const rng = createRng(5, `pass ${fraction} ${hz}`);
  const rig = new GateRig(ROBOT, OPEN, hz);
  const judge = new Judge(rig);
  const before = rig.gate.passed;
  let cycles = 0;
  let change = 0;
  let from = HOME.slice(0, N);
  for (let m = 0; m < moves; m++) {
    const to = from.map((q, i) => {
      const { position_lower_rad: low, position_upper_rad: high } = ENVELOPE.joints[i];
      if (m % 4 === 0) return rng.uniform() < 0.5 ? low : high;
      return rng.uniform() < 0.2 ? q : rng.range(low, high);
    });
    const move = restToRest(from, to, LIMITS, fraction, 1 / hz, ROBOT.model.joint_names.slice(0, N));
    for (let k = 0; k < move.time_s.length; k++) {
      const wanted = move.position.subarray(N * k, N * k + N);
      const command = rig.step('position', wanted);
      judge.look(command, `move ${m} cycle ${k}`);
      cycles++;
      for (let i = 0; i < N; i++) change = Math.max(change, Math.abs(command.position[i] - wanted[i]));
    }
    from = to;
  }
  expect(judge.worst).toBe('');
  return { passed: rig.gate.passed - before, cycles, change };
}

describe('gate with good commands', () => {
  it.each([
    [1, 500],
    [0.95, 500],
    [0.3, 500],
    [1, 1000],
  ])('passes moves at %f of the limits unchanged at %f Hz', (fraction, hz) => {
    const { passed, cycles, change } = passThrough(fraction, hz, sweep(8, 30));
    expect(cycles).toBeGreaterThan(sweep(1333, 5000));
    expect(passed / cycles).toBeGreaterThanOrEqual(0.999);
    expect(change).toBeLessThanOrEqual(1e-9);
  });

  it('follows a feasible command again after a jump, and then passes it unchanged', () => {
    const rig = new GateRig(ROBOT, OPEN);
    const wanted = HOME.slice(0, N);
    for (let k = 0; k < 2000; k++) {
      for (let i = 0; i < N; i++) wanted[i] = HOME[i] + 0.1 + 0.2 * Math.sin(0.003 * k);
      rig.step('position', wanted);
    }
    const passed = rig.gate.passed;
    for (let i = 0; i < N; i++) expect(rig.gate.lastCommand.position[i]).toBe(wanted[i]);
    expect(passed).toBeGreaterThan(1500);
    expect(rig.gate.interventions.count).toBeLessThanOrEqual(2);
  });

  it('comes to rest on a reachable target from any jump', () => {
    const rng = createRng(6);
    const rig = new GateRig(ROBOT, OPEN);
    for (let round = 0; round < sweep(8, 20); round++) {
      const target = LIMITS.position_lower.map((low, i) => rng.range(low, LIMITS.position_upper[i]));
      for (let k = 0; k < 2000; k++) rig.step('position', target);
      for (let i = 0; i < N; i++) expect(Math.abs(rig.gate.lastCommand.position[i] - target[i])).toBeLessThan(1e-9);
      expect(rig.gate.atRest).toBe(true);
    }
  });

  it('reaches a velocity and keeps it to within rounding', () => {
    const rig = new GateRig(ROBOT, OPEN);
    const wanted = Float64Array.of(0.3, 0.1, -0.2, 0.3, 0.4, 0.2, -0.5);
    for (let k = 0; k < 200; k++) rig.step('velocity', wanted);
    for (let i = 0; i < N; i++) expect(rig.gate.lastCommand.velocity[i]).toBeCloseTo(wanted[i], 9);
  });
});

describe('cost of the gate', () => {
  const drive = (rig: GateRig, cycles: number): void => {
    const wanted = new Float64Array(N);
    for (let k = 0; k < cycles; k++) {
      // Half the time feasible, half the time not; low and fast enough for the workspace to matter.
      const amplitude = k % 1000 < 500 ? 0.25 : 0.6;
      for (let i = 0; i < N; i++)
        wanted[i] = HOME[i] + amplitude * (1 - Math.cos(0.004 * (k % 1000))) * (i === 1 ? 1 : 0.3);
      rig.request.values.set(wanted);
      rig.request.kind = 'position';
      rig.request.stamp_s = (rig.cycle + 1) / rig.hz;
      rig.cycleOnly();
    }
  };

  it.each([0, 20])('is no memory with %d obstacles', (count) => {
    const panda = loadRobot('panda');
    const gate = new SafetyGate(envelopeForRobot(panda), panda, 500);
    const request = createCommandRequest(N);
    const kinds = ['position', 'velocity', 'none', 'torque'] as const;
    gate.reset(panda.home_q, 0.08);
    gate.lease.extend(Number.POSITIVE_INFINITY);
    gate.setObstacles(
      Array.from({ length: count }, (_, i) => ({
        id: `${i}`,
        shape: { type: 'sphere', radius: 0.05 },
        pose: { position: [0.9 * Math.cos(i), 0.9 * Math.sin(i), 0.3 + 0.03 * i], orientation: [0, 0, 0, 1] },
        velocity_m_per_s: [0, 0, 0],
      })),
      0,
    );
    let k = 0;
    // Whole seconds for times: another number would be boxed on its way into the gate by the test itself.
    const cycles = (steps: number): void => {
      for (let step = 0; step < steps; step++) {
        k++;
        request.kind = kinds[(k >> 9) & 3];
        request.stamp_s = k;
        const amplitude = (k & 1023) < 512 ? 0.25 : 0.6;
        for (let i = 0; i < N; i++) {
          request.values[i] =
            HOME[i] * (request.kind === 'position' ? 1 : 0) + amplitude * Math.sin(0.004 * (i + 1) * k);
        }
        gate.step(k, request);
      }
    };
    cycles(16_384);
    // Many rounds: what is done seldom is optimised late.
    expect(bytesPerCall(4096, cycles, 40), 'bytes a cycle').toBeLessThanOrEqual(BOXED_NUMBER);
    expect(gate.latched).toBe(false);
  });

  it.skipIf(INSTRUMENTED)('is a few microseconds', () => {
    const rig = new GateRig(ROBOT);
    drive(rig, 20_000);
    const times: number[] = [];
    for (let k = 0; k < 200; k++) {
      const start = process.hrtime.bigint();
      drive(rig, 100);
      times.push(Number(process.hrtime.bigint() - start) / 100 / 1000);
    }
    times.sort((a, b) => a - b);
    expect(times[100], 'median microseconds a cycle').toBeLessThan(25);
  });
});
