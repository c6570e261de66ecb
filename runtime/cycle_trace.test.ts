import { describe, expect, it } from 'vitest';
import { loadRobot } from '../robots/index.ts';
import { GateRig } from '../test/support/gate_rig.ts';
import { CycleTrace, traceBytes } from './cycle_trace.ts';

describe('the trace of cycles', () => {
  const robot = loadRobot('panda');
  const rig = new GateRig(robot);
  const buffer = new SharedArrayBuffer(traceBytes(robot.arm_joints));
  const [writer, reader] = [new CycleTrace(buffer, robot.arm_joints), new CycleTrace(buffer, robot.arm_joints)];
  const sent: { t_s: number; sequence: number; velocity: number[] }[] = [];
  const jog = new Float64Array(robot.arm_joints);
  for (let k = 0; k < 5000; k++) {
    jog[0] = 0.3 * Math.sin(k / 100);
    const { sequence, velocity } = rig.step('velocity', jog);
    sent.push({ t_s: rig.t_s, sequence, velocity: Array.from(velocity) });
    writer.add(rig.t_s, 1e-6 * k, rig.gate);
  }

  it('gives the last cycles as they were, oldest first, and no others', () => {
    const rows = reader.read();
    expect(rows.length).toBeGreaterThan(2000);
    expect(rows.at(-1)?.cycle).toBe(sent.length - 1);
    rows.forEach((row, i) => {
      const { t_s, sequence, velocity } = row;
      expect({ t_s, sequence, velocity }).toEqual(sent[row.cycle]);
      expect(row).toMatchObject({ lateness_s: 1e-6 * row.cycle, mode: 'automatic', lease_valid: true });
      if (i > 0) expect(row.cycle).toBe(rows[i - 1].cycle + 1);
    });
  });

  it('gives those from a cycle on', () => {
    expect(reader.read(4990).map(({ cycle }) => cycle)).toEqual([
      4990, 4991, 4992, 4993, 4994, 4995, 4996, 4997, 4998, 4999,
    ]);
    expect(reader.read(5000)).toEqual([]);
  });
});
