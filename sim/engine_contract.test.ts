import { beforeAll, describe, expect, it } from 'vitest';
import { createRng, InputError, type Rng, type Shape } from '../contracts/index.ts';
import {
  choleskyFactor,
  choleskySolve,
  crba,
  forwardKinematics,
  pointJacobian,
  quaternionToMatrix,
  RobotData,
  rnea,
} from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { bytesPerCall } from '../test/support/heap.ts';
import { EngineRig, grasp, PANDA, sceneObject, tableScene } from '../test/support/sim_rig.ts';
import { createContactPoint, InvalidStateError, type PhysicsEngine } from './engine.ts';
import { createEngine, ENGINE_NAMES, prepareEngine } from './engines.ts';
import type { SceneModel } from './scene.ts';

const G = 9.81;
const BOX: Shape = { type: 'box', size: [0.04, 0.05, 0.04] };
const CAN: Shape = { type: 'cylinder', radius: 0.02, length: 0.05 };
const { model } = PANDA;
/** Without dry friction, which engines model each in its own way. */
const SMOOTH: Robot = { ...PANDA, model: { ...model, friction: new Float64Array(model.nq) } };

const bytes = (array: Float64Array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);

function randomQuaternion(rng: Rng): [number, number, number, number] {
  const q = [rng.normal(), rng.normal(), rng.normal(), rng.normal()];
  const n = Math.hypot(...q) * (q[3] < 0 ? -1 : 1);
  return [q[0] / n, q[1] / n, q[2] / n, q[3] / n];
}

function randomState(rng: Rng): Float64Array {
  const speed = () => rng.range(-1, 1);
  const position = [rng.range(0.3, 0.7), rng.range(-0.3, 0.3), rng.range(0.4, 0.8)];
  return Float64Array.from([...position, ...randomQuaternion(rng), ...Array.from({ length: 6 }, speed)]);
}

function randomArm(rng: Rng): [Float64Array, Float64Array] {
  const q = PANDA.home_q.map((x, i) => (i < 7 ? x + rng.range(-0.2, 0.2) : rng.range(0.01, 0.03)));
  return [q, q.map((_, i) => (i < 7 ? rng.range(-0.5, 0.5) : rng.range(-0.02, 0.02)))];
}

describe.each(ENGINE_NAMES)('physics engine %s', (name) => {
  beforeAll(() => prepareEngine(name));

  const opened: PhysicsEngine[] = [];
  const open = (scene: SceneModel, robot: Robot = PANDA): PhysicsEngine => {
    const engine = createEngine(name, robot, scene);
    opened.push(engine);
    return engine;
  };
  const stateOf = (engine: PhysicsEngine, index = 0): Float64Array => {
    const out = new Float64Array(13);
    engine.objectState(index, out, 0);
    return out;
  };
  const held = (shape: Shape, force_N: number, mass_kg: number) =>
    grasp(shape, force_N, { mass_kg }, (scene, q) => new EngineRig(open(scene), q));

  it('starts with the robot at home, the objects as spawned, and names for all bodies', () => {
    const orientation = randomQuaternion(createRng(1));
    const engine = open(
      tableScene([sceneObject(BOX, [0.5, 0.1, 0.3], { orientation }), sceneObject(CAN, [0.4, 0, 0.1])]),
    );
    expect([engine.name, engine.dt_s, engine.steps, engine.object_count]).toEqual([name, 0.002, 0, 2]);
    expect(engine.body_names).toEqual(['world', 'box', 'cylinder', ...model.body_joint_names]);
    expect([...engine.q]).toEqual([...PANDA.home_q]);
    expect(engine.v.every((x) => x === 0)).toBe(true);
    const state = stateOf(engine);
    [0.5, 0.1, 0.3, ...orientation, 0, 0, 0, 0, 0, 0].forEach((x, k) => void expect(state[k]).toBeCloseTo(x, 14));
  });

  it('gives back what was set: robot and bodies, objects in world axes with w ≥ 0', () => {
    const rng = createRng(2);
    const engine = open(tableScene([sceneObject(BOX, [0.5, 0, 0.5], { com_m: [0.004, -0.003, 0.002] })]));
    const data = new RobotData(model);
    const pose = new Float64Array(12);
    for (let trial = 0; trial < 20; trial++) {
      const [q, v] = randomArm(rng);
      const state = randomState(rng);
      engine.setRobotState(q, v);
      engine.setObjectState(0, state);
      const flipped = state.map((x, k) => (k >= 3 && k < 7 ? -x : x));
      const at = `trial ${trial}`;
      stateOf(engine).forEach((x, k) => void expect(x, `${at}, number ${k}`).toBeCloseTo(state[k], 12));
      engine.setObjectState(0, flipped);
      stateOf(engine).forEach((x, k) => void expect(x, `${at}, number ${k}, −q`).toBeCloseTo(state[k], 12));
      q.forEach((x, i) => void expect(engine.q[i], `${at}, q${i}`).toBeCloseTo(x, 14));
      v.forEach((x, i) => void expect(engine.v[i], `${at}, v${i}`).toBeCloseTo(x, 14));
      forwardKinematics(model, data, q);
      for (let b = 0; b < model.nb; b++) {
        engine.bodyPose(b, pose);
        for (let k = 0; k < 9; k++) expect(pose[k], `${at}, body ${b}`).toBeCloseTo(data.R[9 * b + k], 10);
        for (let k = 0; k < 3; k++) expect(pose[9 + k], `${at}, body ${b}`).toBeCloseTo(data.p[3 * b + k], 10);
      }
    }
  });

  it('falls freely: v = −g t, and ½ g t² within what a step of first order may be off', () => {
    const engine = open(tableScene([sceneObject(BOX, [0.5, 0, 0.9])]));
    const state = stateOf(engine);
    state.set([0.3, -0.2, 0.5], 7);
    engine.setObjectState(0, state);
    const steps = 150;
    for (let k = 0; k < steps; k++) engine.step();
    const t = steps * engine.dt_s;
    const end = stateOf(engine);
    expect(end[9]).toBeCloseTo(0.5 - G * t, 10);
    expect(end[0] - 0.5).toBeCloseTo(0.3 * t, 10);
    expect(end[1]).toBeCloseTo(-0.2 * t, 10);
    const fall = 0.9 + 0.5 * t - end[2];
    expect(Math.abs(fall / (0.5 * G * t * t) - 1)).toBeLessThan((1.1 * engine.dt_s) / t);
  });

  it('velocities are those of the shape’s centre and of the world’s axes: they are how pose changes', () => {
    const rng = createRng(4);
    for (let trial = 0; trial < 6; trial++) {
      const com_m = [rng.range(-0.01, 0.01), rng.range(-0.01, 0.01), rng.range(-0.01, 0.01)] as const;
      const engine = open(tableScene([sceneObject(BOX, [0.5, 0, 0.9], { com_m })]));
      const start = randomState(rng);
      engine.setObjectState(0, start);
      engine.step();
      const end = stateOf(engine);
      const dt = engine.dt_s;
      for (let k = 0; k < 3; k++) {
        const between = Math.min(start[7 + k], end[7 + k]) - 0.02;
        const speed = (end[k] - start[k]) / dt;
        expect(speed, `trial ${trial}, axis ${k}`).toBeGreaterThan(between);
        expect(speed, `trial ${trial}, axis ${k}`).toBeLessThan(Math.max(start[7 + k], end[7 + k]) + 0.02);
      }
      const A = new Float64Array(9);
      const B = new Float64Array(9);
      quaternionToMatrix(start, 3, A);
      quaternionToMatrix(end, 3, B);
      // Angular velocity from B Aᵀ = 1 + [w]× dt + …
      const turn = (i: number, j: number) => [0, 1, 2].reduce((sum, k) => sum + B[3 * i + k] * A[3 * j + k], 0);
      const w = [turn(2, 1) - turn(1, 2), turn(0, 2) - turn(2, 0), turn(1, 0) - turn(0, 1)].map((x) => x / (2 * dt));
      w.forEach((x, k) => void expect(Math.abs(x - end[10 + k]), `trial ${trial}, turn ${k}`).toBeLessThan(0.01));
    }
  });

  it('moves the arm by M, bias, torque and the implicit terms of its actuators', () => {
    const rng = createRng(5);
    const engine = open(tableScene([]), SMOOTH);
    const { nq } = model;
    const data = new RobotData(model);
    const bias = new Float64Array(nq);
    const diagonal = new Float64Array(nq);
    for (let trial = 0; trial < 10; trial++) {
      const [q, v] = randomArm(rng);
      engine.setRobotState(q, v);
      forwardKinematics(model, data, q);
      rnea(model, data, v, null, bias);
      crba(model, data);
      const rate = new Float64Array(nq);
      for (let i = 0; i < nq; i++) {
        engine.tau[i] = bias[i] + rng.range(-2, 2);
        engine.implicit_damping[i] = rng.range(0, 20);
        engine.implicit_stiffness[i] = rng.range(0, 2000);
        const damping = model.damping[i] + engine.implicit_damping[i] + engine.dt_s * engine.implicit_stiffness[i];
        diagonal[i] = engine.dt_s * damping;
        rate[i] = engine.tau[i] - bias[i] - damping * v[i];
      }
      choleskyFactor(data, diagonal);
      choleskySolve(data, rate, 0, rate, 0);
      engine.step();
      for (let i = 0; i < nq; i++) {
        const expected = v[i] + engine.dt_s * rate[i];
        expect(Math.abs(engine.v[i] - expected), `trial ${trial}, joint ${i}`).toBeLessThan(2e-4);
      }
    }
  });

  it('a pushed object moves by F = m a and τ = I α about its centre of mass, for one step', () => {
    const rng = createRng(6);
    const mass = 0.2;
    for (let trial = 0; trial < 5; trial++) {
      const engine = open(tableScene([sceneObject(BOX, [0.5, 0, 0.6], { mass_kg: mass })]));
      const force = [rng.range(-3, 3), rng.range(-3, 3), rng.range(-3, 3)];
      const torque = [rng.range(-0.01, 0.01), rng.range(-0.01, 0.01), rng.range(-0.01, 0.01)];
      engine.pushObject(0, [...force.map((x) => x / 2), ...torque]);
      engine.pushObject(0, [...force.map((x) => x / 2), 0, 0, 0]);
      engine.step();
      const state = stateOf(engine);
      const [a, b, c] = [0.04, 0.05, 0.04];
      const inertia = [b * b + c * c, a * a + c * c, a * a + b * b].map((x) => (mass * x) / 12);
      for (let k = 0; k < 3; k++) {
        const gravity = k === 2 ? -G : 0;
        expect(state[7 + k]).toBeCloseTo((force[k] / mass + gravity) * engine.dt_s, 9);
        expect(state[10 + k]).toBeCloseTo((torque[k] / inertia[k]) * engine.dt_s, 3);
      }
      engine.step();
      expect(stateOf(engine)[7]).toBeCloseTo(state[7], 9);
    }
  });

  it('a pushed robot body moves the arm by Jᵀ w', () => {
    const rng = createRng(7);
    const pushed = open(tableScene([]), SMOOTH);
    const free = open(tableScene([]), SMOOTH);
    const data = new RobotData(model);
    const J = new Float64Array(6 * model.nq);
    for (let trial = 0; trial < 10; trial++) {
      const [q, v] = randomArm(rng);
      const body = rng.int(7);
      const w = Array.from({ length: 6 }, () => rng.range(-10, 10));
      for (const engine of [pushed, free]) engine.setRobotState(q, v);
      forwardKinematics(model, data, q);
      crba(model, data);
      pointJacobian(model, data, body, data.p, 3 * body, J);
      const change = new Float64Array(model.nq);
      for (let i = 0; i < model.nq; i++) {
        for (let k = 0; k < 6; k++) change[i] += pushed.dt_s * J[k * model.nq + i] * w[k];
      }
      const diagonal = model.damping.map((d) => d * pushed.dt_s);
      choleskyFactor(data, diagonal);
      choleskySolve(data, change, 0, change, 0);
      pushed.pushBody(body, w);
      pushed.step();
      free.step();
      for (let i = 0; i < 7; i++) {
        const difference = pushed.v[i] - free.v[i];
        expect(Math.abs(difference - change[i]), `trial ${trial}, body ${body}, joint ${i}`).toBeLessThan(
          1e-3 * Math.hypot(...change) + 1e-6,
        );
      }
    }
  });

  it('goes on from a saved state with the same bytes, in the same engine and in a fresh one', () => {
    const rig = held(BOX, 20, 0.2);
    const { engine } = rig;
    engine.pushObject(0, [0.3, 0, 0, 0, 0, 0]);
    const saved = engine.saveState();
    const forces = Array.from({ length: 40 }, () => Float64Array.from(engine.tau));
    const trace = (of: PhysicsEngine): Float64Array => {
      const out: number[] = [];
      const wrench = new Float64Array(6);
      const point = createContactPoint();
      const note = () => {
        of.handWrench(wrench);
        out.push(of.steps, ...of.q, ...of.v, ...stateOf(of), ...wrench, of.contact_count, Number(of.handTouches(0)));
        for (let k = 0; k < of.contact_count; k++) {
          of.contact(k, point);
          out.push(point.a, point.b, ...point.position, ...point.normal, ...point.force, point.depth_m);
        }
      };
      note();
      forces.forEach((tau, k) => {
        of.tau.set(tau);
        if (k > 20) of.tau[7] = -2;
        of.step();
        note();
      });
      return Float64Array.from(out);
    };
    const first = trace(engine);
    engine.loadState(saved);
    const again = trace(engine);
    const fresh = open(tableScene([sceneObject(BOX, [0.5, 0.1, 0.02], { mass_kg: 0.2 })]));
    for (let k = 0; k < 30; k++) fresh.step();
    fresh.loadState(saved);
    const elsewhere = trace(fresh);
    expect(first.length).toBeGreaterThan(40 * 50);
    expect(bytes(again).equals(bytes(first))).toBe(true);
    expect(bytes(elsewhere).equals(bytes(first))).toBe(true);
    expect(() => open(tableScene([])).loadState(saved)).toThrow(/saved physics state/);
    expect(() => fresh.loadState(saved.subarray(0, saved.length - 1))).toThrow(/cut/);
  });

  it('the same world gives the same bytes alone, again, and in turn with another', () => {
    const scene = (z: number) =>
      tableScene([
        sceneObject(CAN, [0.5, 0.1, z], { orientation: [0.6, 0, 0, 0.8] }),
        sceneObject(BOX, [0.51, 0.1, 0.02]),
      ]);
    const run = (engines: PhysicsEngine[]) => {
      for (let k = 0; k < 300; k++) for (const engine of engines) engine.step();
      return engines.map((engine) => [...engine.q, ...stateOf(engine, 0), ...stateOf(engine, 1)]);
    };
    const [alone] = run([open(scene(0.15))]);
    const [again, other] = run([open(scene(0.15)), open(scene(0.2))]);
    expect(again).toEqual(alone);
    expect(other).not.toEqual(alone);
  });

  it('names what is no longer finite, and the step', () => {
    const engine = open(tableScene([sceneObject(BOX, [0.5, 0, 0.02])]));
    for (let k = 0; k < 3; k++) engine.step();
    expect(() => engine.assertFinite()).not.toThrow();
    engine.tau[2] = Number.NaN;
    expect(() => engine.step()).toThrow(InvalidStateError);
    expect(() => engine.step()).toThrow(/step 3: joint panda_joint3 .* is NaN/);
    engine.tau[2] = 0;
    const state = stateOf(engine);
    state[8] = Number.POSITIVE_INFINITY;
    expect(() => engine.setObjectState(0, state)).toThrow(InputError);
    engine.pushObject(0, [0, Number.POSITIVE_INFINITY, 0, 0, 0, 0]);
    const stepped = () => {
      engine.step();
      engine.assertFinite();
    };
    expect(stepped).toThrow(InvalidStateError);
    expect(stepped).toThrow(/step \d: .* is (NaN|-?Infinity)/);
  });

  it('a step that holds an object allocates next to nothing', () => {
    const { engine } = held(BOX, 20, 0.2);
    const steps = (count: number) => {
      for (let k = 0; k < count; k++) engine.step();
    };
    steps(500);
    expect(bytesPerCall(200, steps, 40, 499)).toBeLessThan(500);
  });

  it('gives its memory back', () => {
    expect(opened.length).toBeGreaterThan(10);
    for (const engine of opened) engine.dispose?.();
  });
});

describe('physics engines by name', () => {
  it('refuses one that is not there', async () => {
    await expect(prepareEngine('bullet')).rejects.toThrow(/bullet.*cannon, mujoco/);
    expect(() => createEngine('bullet', PANDA, tableScene([]))).toThrow(/bullet.*cannon, mujoco/);
  });
});
