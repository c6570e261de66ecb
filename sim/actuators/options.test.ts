import { describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { armRig } from '../../test/support/arm_rig.ts';
import { PANDA } from '../../test/support/sim_rig.ts';
import { actuatedRobot, DEFAULT_SIM_ARM, type SimArmOptions, simArmOptions } from './options.ts';

describe('options of the actuators', () => {
  it.each([
    [{ latency_cycles: 1.5 }, /latency_cycles = 1.5: a whole number/],
    [{ latency_cycles: -1 }, /latency_cycles = -1/],
    [{ gain_scale: 0 }, /gain_scale = 0: a number above 0/],
    [{ torque_rate_Nm_s: Number.NaN }, /torque_rate_Nm_s = null/],
    [{ joint_friction_Nm: [1, 2] }, /joint_friction_Nm = \[1,2\]: one number, or 7/],
    [{ joint_friction_Nm: -0.1 }, /joint_friction_Nm = -0.1: numbers of at least 0/],
    [{ backlash_rad: 0.001 }, /backlash_rad = 0.001: needs armature_kg_m2/],
  ] satisfies [Partial<SimArmOptions>, RegExp][])('%j is refused', (options, message) => {
    expect(() => simArmOptions(options, PANDA)).toThrow(InputError);
    expect(() => simArmOptions(options, PANDA)).toThrow(message);
  });

  it('are as they come back from JSON, so that a recording can keep them', () => {
    const options = { ...DEFAULT_SIM_ARM, backlash_rad: 0.001, armature_kg_m2: [1, 1, 1, 1, 1, 1, 1] };
    expect(simArmOptions(JSON.parse(JSON.stringify(options)), PANDA)).toEqual(options);
  });

  it('leave the robot as it is by default, and change only its true joints otherwise', () => {
    expect(actuatedRobot(PANDA, {}).robot).toBe(PANDA);
    const { robot, armature } = actuatedRobot(PANDA, { joint_friction_Nm: 0.5, armature_kg_m2: 0.1 });
    expect([...robot.model.friction]).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, PANDA.model.friction[7]]);
    expect([...armature]).toEqual([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0]);
    expect(PANDA.model.friction[0]).not.toBe(0.5);
  });
});

describe('a saved arm', () => {
  it('goes on with the same bytes beside its engine, whatever is under way', () => {
    const actuators = {
      latency_cycles: 4,
      backlash_rad: 0.004,
      armature_kg_m2: 0.2,
      torque_scale: 0.95,
      gain_scale: 0.8,
    };
    const wave = (rig: ReturnType<typeof armRig>, from: number, steps: number) => {
      for (let k = from; k < from + steps; k++) {
        for (let i = 0; i < 7; i++) {
          rig.command.velocity[i] = 0.3 * Math.cos(0.02 * k + i);
          rig.command.position[i] += 0.002 * rig.command.velocity[i];
        }
        rig.grip(0.08 * (k % 100 < 50 ? 1 : 0), 30);
        rig.run(1);
      }
    };
    const a = armRig(actuators);
    wave(a, 0, 137);
    const world = a.engine.saveState();
    const arm = a.arm.saveState();
    const command = Float64Array.from(a.command.position);
    wave(a, 137, 200);
    const b = armRig(actuators);
    b.engine.loadState(world);
    b.arm.loadState(arm);
    b.command.position.set(command);
    wave(b, 137, 200);
    expect(Buffer.from(b.engine.saveState().buffer).equals(Buffer.from(a.engine.saveState().buffer))).toBe(true);
    expect(Buffer.from(b.arm.saveState().buffer).equals(Buffer.from(a.arm.saveState().buffer))).toBe(true);
    expect(() => armRig({}).arm.loadState(arm)).toThrow(/must have/);
  });
});
