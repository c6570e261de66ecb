import { describe, expect, it } from 'vitest';
import { armRig } from '../../test/support/arm_rig.ts';
import { Backlash } from './backlash.ts';

const DT = 0.002;

describe('play between motor and joint', () => {
  it('is a dead band of its width: the joint stands while the motor crosses it', () => {
    for (const backlash_rad of [0.002, 0.01]) {
      // Joint 1 turns about the vertical: no weight closes the gap.
      const rig = armRig({ backlash_rad: [backlash_rad, 0, 0, 0, 0, 0, 0], armature_kg_m2: 0.1, joint_friction_Nm: 1 });
      const gap: number[] = [];
      const motion = (k: number) => 0.03 * (1 - Math.cos((2 * Math.PI * k) / 1500));
      for (let k = 1; k <= 4500; k++) {
        const next = motion(k);
        rig.command.velocity[0] = (next - motion(k - 1)) / DT;
        rig.command.position[0] = next;
        rig.run(1);
        // Motor (as the encoder has it) against joint, while moving fast to one side.
        if (Math.abs(rig.command.velocity[0]) > 0.04) gap.push(rig.arm.read().position[0] - rig.engine.q[0]);
      }
      const rising = Math.max(...gap);
      const falling = Math.min(...gap);
      expect(rising - falling, `${backlash_rad} rad`).toBeCloseTo(backlash_rad, 9);
      // Most of the time the motor is at one of the flanks.
      const between = gap.filter((x) => x < rising - 1e-9 && x > falling + 1e-9).length;
      expect(between / gap.length).toBeLessThan(0.1);
    }
  });

  it('leaves the motor alone in the gap: it accelerates by its own inertia, and the joint feels nothing', () => {
    const play = new Backlash(Float64Array.of(0.1), Float64Array.of(0.2), Float64Array.of(0));
    const joint = new Float64Array(1);
    const v = new Float64Array(1);
    const q = new Float64Array(1);
    play.reset(v);
    let steps = 0;
    for (; joint[0] === 0 && steps < 1000; steps++) {
      play.advance(v, DT);
      play.transmit(Float64Array.of(2), v, DT, joint);
    }
    // Half the gap at 10 rad/s²: t = sqrt(2 · 0.05 / 10).
    expect(steps * DT).toBeCloseTo(0.1, 2);
    // The impulse of the impact, and the torque: J ω with ω = a t.
    expect((joint[0] - 2) * DT).toBeCloseTo(0.2 * 10 * (steps - 1) * DT, 9);
    play.observe(q, v);
    expect(q[0]).toBe(0.05);
  });

  it('keeps momentum where motor and joint meet', () => {
    const [rotor, link] = [0.2, 1.3];
    const play = new Backlash(Float64Array.of(0.01), Float64Array.of(rotor), Float64Array.of(0));
    const v = Float64Array.of(-0.4);
    const motor = Float64Array.of(0);
    const joint = new Float64Array(1);
    play.reset(v);
    // The motor is driven to 0.5 rad/s against the joint's −0.4, then left.
    motor[0] = (rotor * 0.9) / DT;
    play.transmit(motor, v, DT, joint);
    motor[0] = 0;
    const before = rotor * 0.5 + link * v[0];
    for (let k = 0; k < 20; k++) {
      play.advance(v, DT);
      play.transmit(motor, v, DT, joint);
      // The engine's joint carries the rotor's inertia too.
      v[0] += (DT * joint[0]) / (link + rotor);
    }
    expect((link + rotor) * v[0]).toBeCloseTo(before, 12);
  });
});
