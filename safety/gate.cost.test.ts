import { describe, expect, it } from 'vitest';
import { loadRobot } from '../robots/index.ts';
import { GateRig } from '../test/support/gate_rig.ts';
import { bytesPerCall } from '../test/support/heap.ts';
import { plainArm } from '../test/support/plain_arm.ts';
import { createCommandRequest } from './command_request.ts';
import { envelopeForRobot } from './envelope.ts';
import { SafetyGate } from './gate.ts';

const ROBOT = plainArm();
const HOME = ROBOT.home_q;
const N = ROBOT.arm_joints;

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
    cycles(60_000);
    expect(bytesPerCall(4096, cycles), 'bytes a cycle').toBeLessThan(2);
    expect(gate.latched).toBe(false);
  });

  it('is a few microseconds', () => {
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
