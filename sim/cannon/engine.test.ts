import { describe, expect, it } from 'vitest';
import { createRng, type Shape } from '../../contracts/index.ts';
import { forwardKinematics, RobotData, rnea } from '../../dynamics/index.ts';
import { heapGrowthPerCall } from '../../test/support/heap.ts';
import { graspedObject, PANDA, SimRig, sceneObject, tableScene, toolDown } from '../../test/support/sim_rig.ts';
import { FLOOR_Z_M } from '../scene.ts';
import { PickPlaceTask } from '../tasks/index.ts';
import { CannonEngine } from './engine.ts';

const G = 9.81;
const BOX: Shape = { type: 'box', size: [0.04, 0.05, 0.04] };
const CAN: Shape = { type: 'cylinder', radius: 0.02, length: 0.05 };

/** Objects alone, with the arm at rest out of the way. */
function world(...args: Parameters<typeof tableScene>): SimRig {
  return new SimRig(tableScene(...args));
}

describe('free motion', () => {
  it('falls as the semi-implicit Euler method falls, and lands on the table, or on the floor beside it', () => {
    const rig = world([sceneObject(BOX, [0.5, 0, 0.5]), sceneObject(BOX, [1.2, 0, 0.1])]);
    const n = 100;
    rig.run(n);
    const h = rig.engine.dt_s;
    for (const [k, z0] of [0.5, 0.1].entries()) {
      const state = rig.object(k);
      expect(state[9]).toBeCloseTo(-G * n * h, 12);
      expect(state[2]).toBeCloseTo(z0 - (G * h * h * n * (n + 1)) / 2, 12);
    }
    rig.run(900);
    expect(rig.object(0)[2]).toBeCloseTo(0.02, 4);
    expect(rig.object(1)[2]).toBeCloseTo(FLOOR_Z_M + 0.02, 4);
  });

  it('never has more energy than at the start of a tilted drop', () => {
    const rng = createRng(3);
    for (const shape of [BOX, CAN]) {
      for (let trial = 0; trial < 4; trial++) {
        const q = [rng.normal(), rng.normal(), rng.normal(), rng.normal()];
        const n = Math.hypot(...q);
        const orientation = [q[0] / n, q[1] / n, q[2] / n, q[3] / n] as const;
        const rig = world([sceneObject(shape, [0.5, 0.1, 0.3], { orientation })]);
        const body = rig.engine.objects[0];
        const energy = () => {
          const w = body.quaternion.inverse().vmult(body.angularVelocity);
          const { x, y, z } = body.inertia;
          return (
            0.5 * (0.1 * body.velocity.lengthSquared() + x * w.x ** 2 + y * w.y ** 2 + z * w.z ** 2) +
            0.1 * G * body.position.z
          );
        };
        const start = energy();
        let worst = 0;
        rig.run(1500, () => {
          worst = Math.max(worst, energy() - start);
        });
        expect(worst, `${shape.type} ${trial} ${orientation.join(' ')}`).toBeLessThan(1e-9);
        // A cylinder on its side rolls on.
        const speed = shape === BOX ? Math.hypot(...rig.object(0).subarray(7, 13)) : 0;
        expect(speed, `${shape.type} ${trial} comes to rest`).toBeLessThan(0.02);
      }
    }
  });

  it('keeps the momentum of two objects that collide in the air', () => {
    const rig = world([
      sceneObject(BOX, [0.4, 0, 0.6], { mass_kg: 0.3, orientation: [0.1, 0.2, 0.3, Math.sqrt(0.86)] }),
      sceneObject(CAN, [0.55, 0.01, 0.61], { mass_kg: 0.07 }),
    ]);
    const [a, b] = rig.engine.objects;
    rig.engine.world.gravity.set(0, 0, 0);
    a.velocity.set(0.6, 0, 0);
    b.velocity.set(-0.4, 0, 0);
    const momentum = () => {
      const p = a.velocity.scale(0.3).vadd(b.velocity.scale(0.07));
      const spin = [a, b].map((body, k) => {
        const w = body.quaternion.inverse().vmult(body.angularVelocity);
        const local = w.vmul(body.inertia);
        const orbital = body.position.cross(body.velocity.scale([0.3, 0.07][k]));
        return body.quaternion.vmult(local).vadd(orbital);
      });
      return [...p.toArray(), ...spin[0].vadd(spin[1]).toArray()];
    };
    const before = momentum();
    let touched = 0;
    rig.run(150, () => {
      touched += rig.engine.contacts.patches;
    });
    expect(touched).toBeGreaterThan(0);
    expect(a.velocity.x).toBeLessThan(0.55);
    const after = momentum();
    for (let k = 0; k < 3; k++) expect(after[k]).toBeCloseTo(before[k], 12);
    // What precession the first-order integration loses.
    for (let k = 3; k < 6; k++) expect(after[k]).toBeCloseTo(before[k], 5);
  });
});

describe('rest and sliding on the table', () => {
  it.each([['box', BOX, 0.02] as const, ['cylinder', CAN, 0.025] as const])(
    'a %s at rest sinks m g / 4 k deep, and stays where it is',
    (_, shape, half) => {
      const rig = world([sceneObject(shape, [0.5, 0.1, half], { mass_kg: 0.4 })]);
      rig.run(500);
      const start = rig.object(0);
      expect(half - start[2]).toBeGreaterThan(0);
      expect(half - start[2]).toBeLessThan((0.4 * G) / (4 * 5e4) + 2e-6);
      rig.run(5000);
      const end = rig.object(0);
      for (let k = 0; k < 3; k++) expect(Math.abs(end[k] - start[k]), `axis ${k}`).toBeLessThan(1e-6);
      expect(Math.hypot(...end.subarray(7, 10))).toBeLessThan(1e-4);
    },
  );

  it('a sliding box stops after v² / 2 μ g', () => {
    for (const [friction, angle] of [
      [0.4, 0],
      [0.9, 0.7],
      [0.6, 1.9],
    ] as const) {
      const mu = Math.sqrt(friction * 0.6);
      const rig = world([sceneObject(BOX, [0.5, 0, 0.02 - 5e-6], { friction })]);
      rig.run(100);
      const from = rig.object(0);
      const v = 0.9;
      rig.engine.objects[0].velocity.set(v * Math.cos(angle), v * Math.sin(angle), 0);
      rig.run(500);
      const to = rig.object(0);
      const way = Math.hypot(to[0] - from[0], to[1] - from[1]);
      expect(Math.abs((way * 2 * mu * G) / (v * v) - 1), `μ ${mu}, angle ${angle}: ${way} m`).toBeLessThan(0.03);
      expect(Math.hypot(...to.subarray(7, 10))).toBeLessThan(1e-4);
    }
  });

  it.each([['box', BOX, 0.02] as const, ['cylinder', CAN, 0.025] as const])(
    'a %s holds on a slope below the angle of friction and slides above it',
    (_, shape, half) => {
      for (const [factor, holds] of [
        [0.97, true],
        [1.03, false],
      ] as const) {
        const mu = Math.sqrt(0.4 * 0.6);
        const rig = world([sceneObject(shape, [0.5, 0, half], { friction: 0.4 })]);
        rig.run(200);
        const angle = Math.atan(mu * factor);
        const start = rig.object(0);
        rig.engine.world.gravity.set(G * Math.sin(angle) * 0.6, G * Math.sin(angle) * 0.8, -G * Math.cos(angle));
        rig.run(1000);
        const end = rig.object(0);
        const way = Math.hypot(end[0] - start[0], end[1] - start[1]);
        if (holds) expect(way).toBeLessThan(2e-4);
        else {
          // The rest of gravity accelerates it: 2 s of (sin − μ cos) g.
          const expected = 0.5 * G * (Math.sin(angle) - mu * Math.cos(angle)) * 4;
          expect(Math.abs(way / expected - 1)).toBeLessThan(0.1);
        }
      }
    },
  );

  it('a cylinder on its side rolls without losing speed to friction', () => {
    const rig = world([sceneObject(CAN, [0.4, 0, 0.02], { orientation: [Math.SQRT1_2, 0, 0, Math.SQRT1_2] })]);
    rig.run(100);
    const body = rig.engine.objects[0];
    body.velocity.set(0.2, 0, 0);
    body.angularVelocity.set(0, 0.2 / 0.02, 0);
    rig.run(400);
    expect(body.velocity.x).toBeGreaterThan(0.19);
    expect(body.velocity.x).toBeLessThan(0.201);
    expect(body.angularVelocity.y * 0.02).toBeCloseTo(body.velocity.x, 3);
  });
});

describe('grasp by friction alone', () => {
  /** Ramps a force on the held object along `direction` (hand frame x, z of a box; world z is −hand z); load at slip. */
  function slipLoad(shape: Shape, mu: number, force_N: number, angle: number): number {
    const rig = graspedObject(shape, force_N, { finger_friction: mu, friction: mu, mass_kg: 0.02 });
    const body = rig.engine.objects[0];
    const limit = 2 * mu * force_N;
    const weight = 0.02 * G;
    const start = rig.relative(0);
    let load = 0;
    let slipped = 0;
    const steps = 1600;
    // Towards world x and −z: both lie in the plane of the pads.
    rig.run(steps, (k) => {
      if (slipped > 0) return;
      const u = k / steps;
      load = limit * (u < 0.2 ? u * 4.6 : 0.92 + (0.16 * (u - 0.2)) / 0.8);
      const down = load * Math.cos(angle) - weight;
      body.force.x += load * Math.sin(angle);
      body.force.z -= down;
      const now = rig.relative(0);
      const moved = Math.hypot(now[0] - start[0], now[1] - start[1], now[2] - start[2]);
      if (moved > 1e-3) slipped = load;
    });
    return slipped / limit;
  }

  it.each([
    ['box straight', BOX, 0.5, 20, 0],
    ['box along the table', BOX, 0.8, 12, Math.PI / 2],
    ['box on the diagonal', BOX, 0.4, 30, Math.PI / 4],
    ['box at 30 degrees', BOX, 0.9, 10, Math.PI / 6],
    ['cylinder straight', CAN, 0.6, 20, 0],
    ['cylinder, strong', CAN, 0.9, 50, 0],
  ] as const)('%s slips at 2 μ N', (_, shape, mu, force_N, angle) => {
    const ratio = slipLoad(shape, mu, force_N, angle);
    expect(ratio).toBeGreaterThan(0.95);
    expect(ratio).toBeLessThan(1.05);
  });

  it.each([['box', BOX] as const, ['cylinder', CAN] as const])(
    'a held %s does not creep in 10 s of motion',
    (_, shape) => {
      const rig = graspedObject(shape, 20, { mass_kg: 0.2 });
      const home = Float64Array.from(rig.command.position);
      const away = toolDown([0.6, -0.15, 0.3], 0.4, Float64Array.from(rig.engine.q));
      const start = rig.relative(0);
      for (let k = 0; k < 5; k++) {
        rig.move(away, 500);
        rig.move(home, 500);
      }
      rig.run(100);
      const end = rig.relative(0);
      expect(Math.hypot(...end.map((x, k) => x - start[k]))).toBeLessThan(1e-4);
    },
  );

  it('squeezes with the force asked for, on both pads', () => {
    for (const force_N of [5, 30, 70]) {
      const rig = graspedObject(BOX, force_N);
      const { contacts, solver, dt_s } = rig.engine;
      const sums: number[] = [];
      for (let patch = 0; patch < contacts.patches; patch++) {
        const f = solver.patches.friction_row[patch];
        let sum = 0;
        for (let r = f - contacts.patch_points[patch]; r < f; r++) sum += solver.rows.impulse[r] / dt_s;
        sums.push(sum);
      }
      expect(sums.length).toBe(2);
      expect((sums[0] + sums[1]) / 2).toBeCloseTo(force_N, 2);
      expect(rig.engine.handTouches(0)).toBe(true);
    }
  });

  it('drops the object when the fingers open', () => {
    const rig = graspedObject(BOX, 20);
    rig.grip(0.08, 20);
    rig.run(600);
    expect(rig.engine.handTouches(0)).toBe(false);
    expect(rig.object(0)[2]).toBeLessThan(0.03);
  });

  it('the hand feels the weight it holds', () => {
    const rig = graspedObject(CAN, 30, { mass_kg: 0.3 });
    const wrench = new Float64Array(6);
    rig.engine.handWrench(wrench);
    expect(wrench[0]).toBeCloseTo(0, 2);
    expect(wrench[1]).toBeCloseTo(0, 2);
    expect(wrench[2]).toBeCloseTo(-0.3 * G, 2);
  });
});

describe('two-way contact', () => {
  it('joint torques carry exactly what the table pushes back', () => {
    const q = toolDown([0.5, 0, 0.012], 0);
    q[q.length - 1] = 0.02;
    // Without dry friction in the joints, which would hold part of it.
    const frictionless = { ...PANDA, model: { ...PANDA.model, friction: new Float64Array(8) } };
    const rig = new SimRig(tableScene([]), q, {}, frictionless);
    rig.move(toolDown([0.5, 0, -0.005], 0, q), 300);
    rig.run(1500);
    const { engine } = rig;
    const contact = new Float64Array(8);
    engine.robotContactForce(contact);
    const wrench = new Float64Array(6);
    engine.handWrench(wrench);
    expect(wrench[2]).toBeGreaterThan(30);
    // At rest the actuators balance weight and contact: tau = gravity − Jᵀ f.
    const weight = new Float64Array(8);
    const data = new RobotData(PANDA.model);
    forwardKinematics(PANDA.model, data, engine.q);
    rnea(PANDA.model, data, null, null, weight);
    for (let i = 0; i < 7; i++) {
      expect(Math.abs(engine.v[i])).toBeLessThan(1e-5);
      expect(engine.tau[i] + contact[i], `joint ${i}`).toBeCloseTo(weight[i], 3);
    }
    expect(Math.max(...contact.map(Math.abs))).toBeGreaterThan(10);
  });

  it('the fingers stop at their ends and at what they close on', () => {
    const rig = new SimRig(tableScene([]));
    rig.grip(0, 70);
    rig.run(700);
    expect(rig.engine.q[7]).toBeGreaterThan(-1e-5);
    expect(rig.engine.q[7]).toBeLessThan(1e-4);
    rig.grip(0.08, 70);
    rig.run(700);
    expect(rig.engine.q[7]).toBeGreaterThan(0.0399);
    expect(rig.engine.q[7]).toBeLessThan(0.04001);
  });
});

describe('determinism', () => {
  const episode = (seed: number): Float64Array => {
    const { scene } = new PickPlaceTask().reset(createRng(seed));
    const rig = new SimRig(scene);
    const [x, y] = scene.objects[0].pose.position;
    rig.grip(0.08, 70);
    rig.move(toolDown([x, y, 0.03], 0.3), 300);
    rig.grip(0, 30);
    rig.run(200);
    rig.move(toolDown([0.5, 0, 0.2], 0.3), 300);
    const n = scene.objects.length;
    const trace = new Float64Array(16 + 13 * n);
    trace.set(rig.engine.q);
    trace.set(rig.engine.v, 8);
    for (let i = 0; i < n; i++) rig.engine.objectState(i, trace, 16 + 13 * i);
    return trace;
  };

  it('an episode alone has the same bytes as after six others', () => {
    const alone = episode(7);
    for (let seed = 1; seed <= 6; seed++) episode(seed);
    const after = episode(7);
    expect(Buffer.from(after.buffer).equals(Buffer.from(alone.buffer))).toBe(true);
    expect(alone.every(Number.isFinite)).toBe(true);
  });

  it('two worlds stepped in turn do not disturb each other', () => {
    const alone = new SimRig(tableScene([sceneObject(CAN, [0.5, 0.1, 0.2], { orientation: [0.6, 0, 0, 0.8] })]));
    alone.run(400);
    const a = new SimRig(tableScene([sceneObject(CAN, [0.5, 0.1, 0.2], { orientation: [0.6, 0, 0, 0.8] })]));
    const b = new SimRig(tableScene([sceneObject(BOX, [0.5, 0.1, 0.1]), sceneObject(CAN, [0.5, 0.13, 0.3])]));
    for (let k = 0; k < 400; k++) {
      a.run(1);
      b.run(1);
    }
    expect(a.object(0)).toEqual(alone.object(0));
  });
});

describe('loop-rate behaviour', () => {
  it('a step that holds an object allocates next to nothing', () => {
    const rig = graspedObject(BOX, 20);
    // Boxed arguments of calls the compiler does not inline: 70 to 560 bytes; cannon's World itself allocates nothing.
    expect(heapGrowthPerCall(() => rig.run(1), 1000, 999)).toBeLessThan(1000);
  });

  it('names what is no longer finite, and the step', () => {
    const engine = new CannonEngine(PANDA, tableScene([sceneObject(BOX, [0.5, 0, 0.02])]));
    for (let k = 0; k < 3; k++) engine.step();
    expect(() => engine.assertFinite()).not.toThrow();
    engine.tau[2] = Number.NaN;
    expect(() => engine.step()).toThrow(/step 3: joint panda_joint3 force is NaN/);
    engine.tau[2] = 0;
    engine.objects[0].velocity.y = Number.POSITIVE_INFINITY;
    engine.step();
    expect(() => engine.assertFinite()).toThrow(/step 4: object 0 /);
  });
});
