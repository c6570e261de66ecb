import { describe, expect, it } from 'vitest';
import type { Robot } from '../../robots/index.ts';
import { createCannonEngine } from '../cannon/index.ts';
import type { PhysicsEngine } from '../engine.ts';
import type { SceneModel, SceneObject } from '../scene.ts';
import type { EngineFactory } from './check.ts';
import { LAWS } from './index.ts';
import { G_M_S2, launch, stateOf } from './scenes.ts';

/** An engine with a fault, made of one that has none. */
interface Fault {
  readonly robot?: (robot: Robot) => Robot;
  readonly object?: (object: SceneObject) => SceneObject;
  readonly scene?: (scene: SceneModel) => SceneModel;
  readonly before?: (engine: PhysicsEngine, scene: SceneModel) => void;
  readonly after?: (engine: PhysicsEngine) => void;
}

function spoilt({ robot, object, scene, before, after }: Fault): EngineFactory {
  return (r, s, options) => {
    const changed = { ...s, objects: object ? s.objects.map(object) : s.objects };
    const world = scene ? scene(changed) : changed;
    const engine = createCannonEngine(robot ? robot(r) : r, world, options);
    const step = engine.step.bind(engine);
    engine.step = () => {
      before?.(engine, world);
      step();
      after?.(engine);
    };
    return engine;
  };
}

const rougher: Fault = {
  object: (object) => ({ ...object, friction: 1.1 * object.friction }),
  scene: (scene) => ({
    ...scene,
    table: { ...scene.table, friction: 1.1 * scene.table.friction },
    finger_friction: 1.1 * scene.finger_friction,
  }),
};

const damped: Fault = {
  robot: (robot) => ({ ...robot, model: { ...robot.model, damping: robot.model.damping.map((x) => x + 0.01) } }),
};

/** Moves an object by `shift` (m) along x every 50 steps. */
function creeping(index: number, shift: number): Fault {
  return {
    after: (engine) => {
      if (engine.steps % 50 !== 0 || engine.object_count <= index) return;
      const state = stateOf(engine, index);
      state[0] += shift;
      engine.setObjectState(index, state);
    },
  };
}

function pushing(wrench: (engine: PhysicsEngine, index: number, object: SceneObject) => number[]): Fault {
  return {
    before: (engine, scene) => {
      for (const [i, object] of scene.objects.entries()) engine.pushObject(i, wrench(engine, i, object));
    },
  };
}

/** Fault by fault, the law that notices it and what of the law does. */
const FAULTS: readonly (readonly [fault: string, law: string, check: RegExp, Fault])[] = [
  [
    'gravity of 1 % less',
    'free fall',
    /recurrence/,
    pushing((_, __, { mass_kg }) => [0, 0, 0.01 * mass_kg * G_M_S2, 0, 0, 0]),
  ],
  [
    'a heavier pendulum',
    'pendulum',
    /period/,
    { robot: (robot) => ({ ...robot, model: { ...robot.model, com: robot.model.com.map((x) => 1.01 * x) } }) },
  ],
  ['damping in the pendulum', 'pendulum', /energy/, damped],
  ['damping in the arm', 'free arm', /energy/, damped],
  [
    'speed that is lost in contact',
    'momentum',
    /linear/,
    {
      after: (engine) => {
        if (engine.contact_count === 0) return;
        const [x, y, z] = stateOf(engine, 0).subarray(7, 10);
        launch(engine, 0, [0.9999 * x, 0.9999 * y, 0.9999 * z], [...stateOf(engine, 0).subarray(10)] as [
          number,
          number,
          number,
        ]);
      },
    },
  ],
  ['a torque from nowhere', 'momentum', /angular/, pushing((_, i) => [0, 0, 0, i === 0 ? 1e-6 : 0, 0, 0])],
  ['friction of 10 % more', 'sliding', /way to rest/, rougher],
  ['friction of 10 % more', 'slope', /slides from/, rougher],
  ['a box that creeps', 'stack', /farthest/, creeping(7, 5e-5)],
  ['softer boxes', 'stack', /overlap/, pushing(() => [0, 0, -20, 0, 0, 0])],
  [
    'rolling resistance',
    'rolling',
    /speed after/,
    pushing((engine, i) => [0, 0, 0, 0, -0.002 * Math.sign(stateOf(engine, i)[11]), 0]),
  ],
  [
    'a bounce',
    'restitution',
    /rebound/,
    {
      after: (engine) =>
        stateOf(engine, 0)[2] < 0.0305 && engine.contact_count > 0 ? launch(engine, 0, [0, 0, 1]) : undefined,
    },
  ],
  ['friction of 10 % more', 'slip load', /straight, at/, rougher],
  ['friction of 10 % more', 'slip load', /torsion, at/, rougher],
  [
    'friction that does not grow with the grip',
    'slip load',
    /in 20 N/,
    {
      before: (engine) => {
        if (engine.tau.length === 8) engine.tau[7] = Math.max(engine.tau[7], -60);
      },
    },
  ],
  ['a held object that creeps', 'held object', /still/, creeping(0, 1e-7)],
  ['a wrist that feels 2 % more', 'payload', /wrist, z/, feelingMore(1.02)],
  [
    'a hand of 30 g more',
    'payload',
    /joint torques/,
    { before: (engine) => engine.pushBody(6, [0, 0, -0.03 * G_M_S2, 0, 0, 0]) },
  ],
  [
    'boxes of 5 % more',
    'push',
    /N: acceleration/,
    { object: (object) => ({ ...object, mass_kg: 1.05 * object.mass_kg }) },
  ],
  ['a wrist that feels 3 % more', 'push', /felt/, feelingMore(1.03)],
  [
    'a shaking table',
    'mass ratio',
    /ratio 1: force/,
    pushing((engine) => [0, 0, engine.steps % 2 === 0 ? 0.01 : -0.01, 0, 0, 0]),
  ],
  [
    'a torque of 1e-6 Nm from nowhere',
    'dynamics',
    /from rest/,
    {
      before: (engine) => {
        engine.tau[3] += 1e-6;
      },
      after: (engine) => {
        engine.tau[3] -= 1e-6;
      },
    },
  ],
];

function feelingMore(factor: number): Fault {
  const known = new WeakSet<PhysicsEngine>();
  return {
    before: (engine) => {
      if (known.has(engine)) return;
      known.add(engine);
      const feel = engine.handWrench.bind(engine);
      engine.handWrench = (out) => {
        feel(out);
        for (let i = 0; i < out.length; i++) out[i] *= factor;
      };
    },
  };
}

describe('a fault in an engine fails its law', () => {
  it.each(FAULTS)('%s: %s', (_, name, pattern, fault) => {
    const law = new Map(LAWS).get(name);
    if (law === undefined) throw new Error(`no law of ${name}`);
    const checks = law({ engine: 'cannon', create: spoilt(fault), dt_s: 0.002, thorough: false });
    const noticed = checks.filter(({ name: check }) => pattern.test(check));
    expect(noticed.length).toBeGreaterThan(0);
    expect(
      noticed.filter(({ pass }) => !pass).length,
      noticed.map(({ name: n, measured }) => `${n} ${measured}`).join(),
    ).toBeGreaterThan(0);
  });

  it('every law has a fault that it notices', () => {
    expect(LAWS.map(([name]) => name).filter((name) => !FAULTS.some(([, law]) => law === name))).toEqual([]);
  });
});
