import { beforeAll, describe, expect, it } from 'vitest';
import { forwardKinematics, RobotData } from '../../dynamics/index.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../../test/support/heap.ts';
import { EngineRig, PANDA, tableScene } from '../../test/support/sim_rig.ts';
import { prepareMujoco } from '../mujoco/index.ts';
import { SecondWorldEngine } from './engine.ts';
import { GearElasticity } from './gear_elasticity.ts';

beforeAll(prepareMujoco);

describe('springs between motors and joints', () => {
  it('wind up by torque over stiffness', () => {
    const gears = new GearElasticity(3, [1000, 2000], 0.01);
    gears.settle(Float64Array.of(5, 5, 5));
    expect([...gears.deflection]).toEqual([0.005, 0.0025, 0]);
    gears.advance(Float64Array.of(-5, 10, 5), 1);
    expect(gears.deflection[0]).toBeCloseTo(-0.005, 12);
    expect(gears.deflection[1]).toBeCloseTo(0.005, 12);
  });

  it('do so with their time constant, whatever the step', () => {
    for (const dt of [0.0005, 0.002, 0.005]) {
      const gears = new GearElasticity(1, [1000], 0.02);
      for (let k = 0; k < Math.round(0.02 / dt); k++) gears.advance(Float64Array.of(10), dt);
      expect(gears.deflection[0], `${dt} s`).toBeCloseTo(0.01 * (1 - Math.exp(-1)), 12);
    }
  });

  it('allocate nothing', () => {
    const gears = new GearElasticity(9, new Array<number>(7).fill(8000), 0.01);
    const torque = new Float64Array(9).fill(3);
    expect(heapGrowthPerCall(() => gears.advance(torque, 0.002))).toBeLessThanOrEqual(BOXED_NUMBER);
  });
});

describe('an arm on springs', () => {
  const stiffness = 8000;
  const elasticity = { stiffness_Nm_rad: new Array<number>(7).fill(stiffness), lag_s: 0.01 };

  it('hangs behind its encoders by what the gears carry, and is held still by its servo', () => {
    const engine = new SecondWorldEngine(PANDA, tableScene([]), { elasticity }, { dt_s: 0.002 });
    const rig = new EngineRig(engine);
    rig.run(500);
    // Where the bodies are is where the joints are: behind the encoders by τ / k.
    const joints = engine.q.map((q, i) => (i < 7 ? q - engine.tau[i] / stiffness : q));
    const data = new RobotData(PANDA.model);
    forwardKinematics(PANDA.model, data, joints);
    const pose = new Float64Array(12);
    engine.bodyPose(6, pose);
    for (let k = 0; k < 3; k++) expect(pose[9 + k]).toBeCloseTo(data.p[18 + k], 7);
    forwardKinematics(PANDA.model, data, engine.q);
    expect(Math.hypot(...[0, 1, 2].map((k) => pose[9 + k] - data.p[18 + k]))).toBeGreaterThan(5e-4);
    expect(Math.max(...engine.v.map(Math.abs))).toBeLessThan(1e-4);
    engine.dispose();
  });
});
