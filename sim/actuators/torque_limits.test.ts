import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { armRig } from '../../test/support/arm_rig.ts';
import { PANDA, toolDown } from '../../test/support/sim_rig.ts';
import { TorqueLimits } from './torque_limits.ts';

describe('limits of the drives', () => {
  it('keep every torque and every change of it, whatever is asked for, in the direction asked for', () => {
    const rng = createRng(4);
    const limit = Float64Array.of(80, 50, 10);
    const limits = new TorqueLimits(limit, 500);
    const motor = new Float64Array(3);
    for (let k = 0; k < 2000; k++) {
      const before = Float64Array.from(motor);
      const wanted = Float64Array.from({ length: 3 }, () => rng.range(-100, 100));
      limits.apply(wanted, motor, 0.002);
      for (let i = 0; i < 3; i++) {
        expect(Math.abs(motor[i] - before[i]), `change ${k}`).toBeLessThanOrEqual(1 + 1e-12);
        expect(Math.abs(motor[i]), `torque ${k}`).toBeLessThanOrEqual(limit[i]);
      }
    }
  });

  it('bound the slope of an arm that is asked for a jump, at any rate', () => {
    for (const torque_rate_Nm_s of [200, 1000]) {
      const rig = armRig({ torque_rate_Nm_s });
      rig.run(5);
      rig.command.position[1] += 0.05;
      let steepest = 0;
      const last = Float64Array.from(rig.engine.tau);
      rig.run(200, () => {
        for (let i = 0; i < 7; i++) steepest = Math.max(steepest, Math.abs(rig.engine.tau[i] - last[i]));
        last.set(rig.engine.tau);
      });
      expect(steepest / rig.engine.dt_s).toBeLessThanOrEqual(torque_rate_Nm_s * (1 + 1e-9));
      expect(steepest / rig.engine.dt_s).toBeGreaterThan(0.99 * torque_rate_Nm_s);
    }
  });

  it('scale with torque_limit_scale', () => {
    const rig = armRig({ torque_limit_scale: 0.45, torque_rate_Nm_s: 1e6, feedback_limit: 50 });
    let most = 0;
    rig.move(toolDown([0.3, -0.5, 0.5], 0.4), 60, () => {
      for (let i = 0; i < 7; i++) most = Math.max(most, Math.abs(rig.engine.tau[i]) / PANDA.model.effort_limit[i]);
    });
    expect(most).toBeCloseTo(0.45, 9);
  });
});
