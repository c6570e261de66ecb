import { Vec3 } from 'cannon-es';
import { describe, expect, it } from 'vitest';
import { createRng, type Shape, type Vector3 } from '../../contracts/index.ts';
import { frameIndex, frameJacobian, framePose } from '../../dynamics/index.ts';
import { graspedObject, PANDA, SimRig, sceneObject, tableScene, toolDown } from '../../test/support/sim_rig.ts';
import { CannonEngine } from './engine.ts';

const G = 9.81;
const BOX: Shape = { type: 'box', size: [0.04, 0.05, 0.04] };

describe('centre of mass off the centre of the shape', () => {
  it('flies straight while the shape turns about it', () => {
    const com: Vector3 = [0.01, -0.005, 0.008];
    const rig = new SimRig(tableScene([sceneObject({ type: 'sphere', radius: 0.03 }, [0.5, 0, 0.5], { com_m: com })]));
    const { engine } = rig;
    engine.world.gravity.set(0, 0, 0);
    const set = [0.5, 0, 0.5, 0, 0, 0, 1, 0.1, 0.2, 0, 1, 2, 5];
    engine.setObjectState(0, set);
    rig.object(0).forEach((value, k) => {
      expect(value, `read back ${k}`).toBeCloseTo(set[k], 14);
    });
    const body = engine.objects[0];
    const [start, velocity] = [body.position.toArray(), body.velocity.toArray()];
    // v_com = v + ω × r.
    expect(velocity[0]).toBeCloseTo(0.1 + 2 * 0.008 - 5 * -0.005, 14);
    rig.run(200);
    body.position.toArray().forEach((x, k) => {
      expect(x).toBeCloseTo(start[k] + 0.4 * velocity[k], 10);
    });
    const state = rig.object(0);
    const arm = body.quaternion.vmult(new Vec3(...com));
    expect(state[0] + arm.x).toBeCloseTo(body.position.x, 12);
    // The velocity read is that of the point: by differences of its position.
    const before = rig.object(0);
    rig.run(1);
    const after = rig.object(0);
    for (let k = 0; k < 3; k++) {
      expect((after[k] - before[k]) / engine.dt_s, `axis ${k}`).toBeCloseTo((after[7 + k] + before[7 + k]) / 2, 4);
    }
  });

  it('decides whether a box over the edge of the table falls', () => {
    // The edge is at x = 0.95; the box reaches 60 % of its length beyond.
    for (const [shift, stays] of [
      [-0.006, true],
      [0.0, false],
      [-0.003, false],
    ] as const) {
      const rig = new SimRig(tableScene([sceneObject(BOX, [0.954, 0, 0.02], { com_m: [shift, 0, 0] })]));
      rig.run(500);
      expect(rig.object(0)[2] > 0.0195, `shift ${shift}`).toBe(stays);
    }
  });

  it('turns the wrist by weight times offset', () => {
    const com: Vector3 = [0.012, 0, 0];
    const torques = [com, undefined].map((com_m) => {
      const rig = graspedObject(BOX, 60, { mass_kg: 0.2, ...(com_m === undefined ? {} : { com_m }) });
      rig.run(300);
      const wrench = new Float64Array(6);
      rig.engine.handWrench(wrench);
      expect(wrench[2]).toBeCloseTo(-0.2 * G, 2);
      return Math.hypot(wrench[3], wrench[4]);
    });
    expect(torques[0] - torques[1]).toBeCloseTo(0.2 * G * 0.012, 3);
  });

  it('of an object whose com_m is given as zero changes no byte', () => {
    const rng = createRng(3);
    const q = [rng.normal(), rng.normal(), rng.normal(), rng.normal()];
    const n = Math.hypot(...q);
    const orientation = [q[0] / n, q[1] / n, q[2] / n, q[3] / n] as const;
    const a = new SimRig(tableScene([sceneObject(BOX, [0.5, 0.1, 0.1], { orientation })]));
    const b = new SimRig(tableScene([sceneObject(BOX, [0.5, 0.1, 0.1], { orientation, com_m: [0, 0, 0] })]));
    a.run(300);
    b.run(300);
    expect(b.object(0)).toEqual(a.object(0));
  });
});

describe('fixtures', () => {
  it('stop the hand far above the table, and objects at their side', () => {
    const wall = {
      pose: { position: [0.5, 0, 0.1], orientation: [0, 0, 0, 1] },
      friction: 0.5,
      rgb: [1, 1, 1],
    } as const;
    const scene = {
      ...tableScene([sceneObject(BOX, [0.35, 0, 0.02])]),
      fixtures: [{ ...wall, size: [0.2, 0.2, 0.2] as const }],
    };
    const rig = new SimRig(scene, toolDown([0.5, 0, 0.23], 0));
    rig.engine.objects[0].velocity.set(2, 0, 0);
    rig.move(toolDown([0.5, 0, 0.19], 0), 300);
    rig.run(200);
    const wrench = new Float64Array(6);
    rig.engine.handWrench(wrench);
    expect(wrench[2]).toBeGreaterThan(10);
    const tool = new Float64Array(12);
    framePose(PANDA.model, rig.engine.data, frameIndex(PANDA.model, PANDA.tcp_frame), tool);
    expect(tool[11]).toBeGreaterThan(0.197);
    expect(rig.object(0)[0]).toBeLessThan(0.381);
    expect(rig.object(0)[0]).toBeGreaterThan(0.37);
  });
});

describe('pushes', () => {
  it('accelerate an object by F/m and I⁻¹τ about its centre of mass, for one step', () => {
    const rig = new SimRig(tableScene([sceneObject(BOX, [0.5, 0, 0.5], { mass_kg: 0.2, com_m: [0.01, 0, 0] })]));
    const { engine } = rig;
    engine.world.gravity.set(0, 0, 0);
    engine.pushObject(0, [1, -2, 3, 0, 0, 0.001]);
    engine.pushObject(0, [0, 0, 0, 0.002, 0, 0]);
    engine.step();
    const { velocity, angularVelocity, inertia } = engine.objects[0];
    [1, -2, 3].forEach((force, k) => {
      expect(velocity.toArray()[k]).toBeCloseTo((force / 0.2) * engine.dt_s, 12);
    });
    expect(angularVelocity.x).toBeCloseTo((0.002 / inertia.x) * engine.dt_s, 12);
    expect(angularVelocity.z).toBeCloseTo((0.001 / inertia.z) * engine.dt_s, 12);
    const after = velocity.toArray();
    engine.step();
    expect(velocity.toArray()).toEqual(after);
  });

  it('on the hand are felt at the wrist, about the tool frame, for one step', () => {
    const rig = new SimRig(tableScene([]));
    rig.run(5);
    const wrench = new Float64Array(6);
    const pose = new Float64Array(12);
    const tool = new Float64Array(12);
    const { engine } = rig;
    engine.bodyPose(6, pose);
    framePose(PANDA.model, engine.data, frameIndex(PANDA.model, PANDA.tcp_frame), tool);
    rig.run(1, () => {
      engine.pushBody(6, [1, 2, 3, 0.1, 0.2, 0.3]);
      engine.pushBody(3, [9, 9, 9, 9, 9, 9]);
    });
    engine.handWrench(wrench);
    const r = [0, 1, 2].map((k) => pose[9 + k] - tool[9 + k]);
    const expected = [1, 2, 3, 0.1 + r[1] * 3 - r[2] * 2, 0.2 + r[2] * 1 - r[0] * 3, 0.3 + r[0] * 2 - r[1] * 1];
    wrench.forEach((x, k) => {
      expect(x).toBeCloseTo(expected[k], 10);
    });
    rig.run(1);
    engine.handWrench(wrench);
    expect([...wrench]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('act on a robot body as joint torques of Jᵀ w', () => {
    const rng = createRng(8);
    const { model } = PANDA;
    const frame = model.frames.findIndex(({ p, R, body }) => body === 4 && p.every((x) => x === 0) && R[0] === 1);
    expect(frame).toBeGreaterThanOrEqual(0);
    for (let trial = 0; trial < 20; trial++) {
      const wrench = Array.from({ length: 6 }, () => rng.range(-5, 5));
      const q = PANDA.home_q.map((x, i) => (i < 7 ? x + rng.range(-0.4, 0.4) : x));
      const [pushed, driven] = [0, 1].map(() => new CannonEngine(PANDA, tableScene([])));
      for (const engine of [pushed, driven]) engine.setRobotState(q, new Float64Array(8));
      const J = new Float64Array(6 * model.nq);
      frameJacobian(model, driven.data, frame, J);
      for (let i = 0; i < model.nq; i++) {
        for (let k = 0; k < 6; k++) driven.tau[i] += J[k * model.nq + i] * wrench[k];
      }
      pushed.pushBody(4, wrench);
      pushed.step();
      driven.step();
      for (let i = 0; i < model.nq; i++) {
        expect(pushed.v[i], `trial ${trial}, joint ${i}`).toBeCloseTo(driven.v[i], 11);
        expect(pushed.tau[i]).toBe(0);
      }
      driven.tau.fill(0);
      pushed.step();
      driven.step();
      for (let i = 0; i < model.nq; i++) expect(pushed.v[i]).toBeCloseTo(driven.v[i], 10);
    }
  });
});
