import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { forwardKinematics, kineticEnergy, potentialEnergy, RobotData } from '../../dynamics/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { tableScene } from '../../test/support/sim_rig.ts';
import { CannonEngine } from './engine.ts';

const FREE: Robot = freed(loadRobot('panda', { gripper: false }));

function freed(robot: Robot): Robot {
  const { model } = robot;
  const zero = new Float64Array(model.nq);
  const far = new Float64Array(model.nq).fill(Number.POSITIVE_INFINITY);
  const lower = far.map((x) => -x);
  return {
    ...robot,
    model: { ...model, friction: zero, damping: zero, position_lower: lower, position_upper: far, collision: [] },
  };
}

function swing(q: ArrayLike<number>, v: ArrayLike<number>, dt_s: number): CannonEngine {
  const engine = new CannonEngine(FREE, tableScene([]), { dt_s });
  engine.setRobotState(Float64Array.from(q), Float64Array.from(v));
  return engine;
}

function energyOf(engine: CannonEngine): number {
  const data = new RobotData(FREE.model);
  forwardKinematics(FREE.model, data, engine.q);
  return kineticEnergy(FREE.model, data, engine.v) + potentialEnergy(FREE.model, data);
}

describe('free motion of the arm', () => {
  it('keeps its energy while it whirls, the better the shorter the step', () => {
    const rng = createRng(5);
    for (let trial = 0; trial < 3; trial++) {
      const q = Float64Array.from(FREE.home_q, (x) => x + 0.5 * rng.normal());
      const errors = [0.002, 0.001].map((dt_s) => {
        const engine = swing(q, new Float64Array(7), dt_s);
        const start = energyOf(engine);
        let worst = 0;
        for (let k = 0; k < 3 / dt_s; k++) {
          engine.step();
          worst = Math.max(worst, Math.abs(energyOf(engine) - start));
        }
        return worst;
      });
      // Of some 80 J that swing; while it is slow v is half a step behind.
      expect(errors[0], `trial ${trial}`).toBeLessThan(0.3);
      expect(errors[1], `trial ${trial}`).toBeLessThan(0.7 * errors[0]);
    }
  });

  it('converges with the square of the step, divided or not', () => {
    const end = (speed: number, dt_s: number) => {
      // From v at the start and q half a step later, as the leapfrog method has it, and back at the end.
      const v = [0.3, -0.5, 0.4, 0.6, -0.7, 0.8, 0.5].map((x) => x * speed);
      const q = FREE.home_q.map((x, i) => x + 0.5 * dt_s * v[i]);
      const engine = swing(q, v, dt_s);
      for (let k = 0; k < Math.round(0.1 / dt_s); k++) engine.step();
      return Float64Array.from(engine.q, (x, i) => x - 0.5 * dt_s * engine.v[i]);
    };
    const apart = (a: Float64Array, b: Float64Array) => Math.max(...a.map((x, i) => Math.abs(x - b[i])));
    for (const speed of [1, 12]) {
      const exact = end(speed, 5e-5);
      const ratio = apart(end(speed, 0.004), exact) / apart(end(speed, 0.002), exact);
      expect(ratio, `speed ${speed}`).toBeGreaterThan(3);
    }
  });

  it('an arm faster than driven arms divides its step, and a step has the same bytes after a reset', () => {
    const a = swing(FREE.home_q, [0, 0, 0, 9, 0, 20, 0], 0.002);
    for (let k = 0; k < 50; k++) a.step();
    const q = Float64Array.from(a.q);
    const v = Float64Array.from(a.v);
    a.setRobotState(q, v);
    a.step();
    const b = swing(q, v, 0.002);
    b.step();
    expect(a.q).toEqual(b.q);
    expect(a.v).toEqual(b.v);
    // The mean velocity of the step is not the velocity at its end.
    expect(Math.abs((a.q[5] - q[5]) / 0.002 - a.v[5])).toBeGreaterThan(1e-3);
  });
});

describe('an arm without drives', () => {
  it('falls on the table and into its stops, and only loses energy', () => {
    const robot = loadRobot('panda');
    const rng = createRng(17);
    let touched = 0;
    for (let trial = 0; trial < 4; trial++) {
      const engine = new CannonEngine(robot, tableScene([]));
      const q = robot.home_q.map((x, i) => (i === 1 ? 0.2 + 0.4 * rng.uniform() : i < 7 ? x + 0.3 * rng.normal() : x));
      const v = robot.home_q.map((_, i) => (i < 7 ? 5 * rng.normal() : 0));
      engine.setRobotState(q, v);
      const data = new RobotData(robot.model);
      const energy = () => {
        forwardKinematics(robot.model, data, engine.q);
        return kineticEnergy(robot.model, data, engine.v) + potentialEnergy(robot.model, data);
      };
      const start = energy();
      let most = 0;
      for (let k = 0; k < 3000; k++) {
        engine.step();
        most = Math.max(most, energy() - start);
        touched += engine.contacts.patches;
      }
      engine.assertFinite();
      // What half a step between velocities and positions makes of 100 W.
      expect(most, `trial ${trial}`).toBeLessThan(0.3);
      expect(energy() - start, `trial ${trial}`).toBeLessThan(-20);
    }
    expect(touched).toBeGreaterThan(20);
  });
});
