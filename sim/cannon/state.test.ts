import { describe, expect, it } from 'vitest';
import { InputError, type Shape } from '../../contracts/index.ts';
import { PANDA, SimRig, sceneObject, tableScene, toolDown } from '../../test/support/sim_rig.ts';
import { createContactPoint } from '../engine.ts';
import type { SceneModel } from '../scene.ts';
import { CannonEngine } from './engine.ts';

const BOX: Shape = { type: 'box', size: [0.04, 0.05, 0.04] };
const CAN: Shape = { type: 'cylinder', radius: 0.02, length: 0.05 };

const SCENE: SceneModel = {
  ...tableScene([
    { ...sceneObject(BOX, [0.5, 0, 0.02], { mass_kg: 0.2 }), com_m: [0.004, -0.003, 0.002] },
    sceneObject(CAN, [0.5, 0.2, 0.0249]),
    sceneObject(BOX, [0.62, 0.2, 0.1], { orientation: [0.1, 0.2, 0.3, Math.sqrt(0.86)] }),
  ]),
  fixtures: [
    {
      size: [0.02, 0.1, 0.06],
      pose: { position: [0.66, 0.2, 0.03], orientation: [0, 0, 0, 1] },
      friction: 0.5,
      rgb: [1, 1, 1],
    },
  ],
};

/** The fingers just closed on the box and the arm begins to lift, while other objects fall, lie, and lean on a wall. */
function graspInProgress(): SimRig {
  const q = toolDown([0.5, 0, 0.025], 0);
  q[7] = 0.03;
  const rig = new SimRig(SCENE, q);
  rig.grip(0, 20);
  rig.run(60);
  rig.move(toolDown([0.5, 0.02, 0.05], 0.1, q), 40);
  return rig;
}

/** The fingers pressed against their stop, the arm at rest. */
function fingersAtStop(): SimRig {
  const rig = new SimRig(SCENE);
  rig.run(400, () => {
    rig.engine.tau[7] = 50;
  });
  return rig;
}

/** Everything a caller can read of the world, as bytes. */
function observe(engine: CannonEngine): Buffer {
  const values = [engine.steps, ...engine.q, ...engine.v];
  const out = new Float64Array(13);
  for (let i = 0; i < engine.object_count; i++) {
    engine.objectState(i, out, 0);
    values.push(...out, engine.handTouches(i) ? 1 : 0);
  }
  engine.handWrench(out);
  values.push(...out.subarray(0, 6));
  const force = new Float64Array(engine.q.length);
  engine.robotContactForce(force);
  const point = createContactPoint();
  for (let k = 0; k < engine.contact_count; k++) {
    engine.contact(k, point);
    values.push(point.a, point.b, point.depth_m, ...point.position, ...point.normal, ...point.force);
  }
  return Buffer.from(Float64Array.of(...values, ...force).buffer);
}

describe('saved state', () => {
  it('goes on with the same bytes at each step, in the same engine and in a fresh one', () => {
    const rig = graspInProgress();
    const { engine } = rig;
    expect(engine.handTouches(0)).toBe(true);
    const saved = engine.saveState();
    const inputs: Float64Array[] = [];
    const seen = [observe(engine)];
    rig.move(toolDown([0.45, -0.1, 0.2], 0.6, Float64Array.from(engine.q)), 500, () => {
      inputs.push(Float64Array.of(...engine.tau, ...engine.implicit_damping, ...engine.implicit_stiffness));
    });
    // The run above was by the arm's own reading; replay its inputs, and look at every step.
    const replay = (world: CannonEngine): Buffer[] => {
      const bytes = [observe(world)];
      for (const input of inputs) {
        world.tau.set(input.subarray(0, 8));
        world.implicit_damping.set(input.subarray(8, 16));
        world.implicit_stiffness.set(input.subarray(16));
        world.step();
        bytes.push(observe(world));
      }
      return bytes;
    };
    const end = observe(engine);
    engine.loadState(saved);
    const same = replay(engine);
    expect(same[0].equals(seen[0])).toBe(true);
    expect(same[500].equals(end)).toBe(true);
    const fresh = new CannonEngine(PANDA, SCENE);
    fresh.loadState(saved);
    replay(fresh).forEach((bytes, k) => {
      expect(bytes.equals(same[k]), `step ${k}`).toBe(true);
    });
    expect(Buffer.from(fresh.saveState().buffer).equals(Buffer.from(engine.saveState().buffer))).toBe(true);
  });

  it('holds what was pushed for the next step', () => {
    const a = new CannonEngine(PANDA, SCENE);
    a.pushObject(1, [3, 0, 0, 0, 0, 0.01]);
    a.pushBody(6, [0, 5, 0, 0.1, 0, 0]);
    const saved = a.saveState();
    const b = new CannonEngine(PANDA, SCENE);
    b.loadState(saved);
    for (let k = 0; k < 5; k++) {
      a.step();
      b.step();
      expect(observe(b).equals(observe(a)), `step ${k}`).toBe(true);
    }
    const still = new CannonEngine(PANDA, SCENE);
    for (let k = 0; k < 5; k++) still.step();
    expect(observe(still).equals(observe(a))).toBe(false);
  });

  it.each([
    [
      'a grasp',
      graspInProgress,
      ['old_impulse', 'anchor_b', 'anchored', 'step_count', 'step_number', 'quaternion.x', 'tau'],
    ],
    ['fingers at their stop', fingersAtStop, ['joints.impulse', 'implicit_stiffness']],
  ] as const)('brings back every field that the steps of %s change, whatever was in it', (_, begin, known) => {
    const rig = begin();
    const { engine } = rig;
    const start = values(new CannonEngine(PANDA, SCENE));
    const before = values(engine);
    rig.run(7);
    const saved = engine.saveState();
    const fields = leaves(engine).filter(({ name, read }) =>
      [start, before].some((then) => !same(read(), then.get(name) ?? [])),
    );
    const names = fields.map(({ name }) => name);
    for (const name of known) {
      expect(
        names.filter((field) => field.includes(name)),
        `${name} among what steps change`,
      ).not.toEqual([]);
    }
    const run = (): Buffer => {
      const seen = [observe(engine)];
      for (let k = 0; k < 4; k++) {
        engine.step();
        seen.push(observe(engine));
      }
      return Buffer.concat(seen);
    };
    const expected = run();
    const forgotten: string[] = [];
    for (const { name, read, write } of fields) {
      const kept = read();
      // Entries that never change are of the models: the table's, say, among the colliders'.
      const changes = (i: number) => [start, before].some((then) => !Object.is(then.get(name)?.[i], kept[i]));
      write(kept.map((value, i) => (!changes(i) ? value : Number.isInteger(value) ? value + 1 : 1 + 1.37 * value)));
      engine.loadState(saved);
      if (run().equals(expected)) continue;
      forgotten.push(name);
      write(kept);
    }
    expect(forgotten).toEqual([]);
  });

  it('every field of the contact memory matters: spoilt after loading, the run is another', () => {
    const { engine } = graspInProgress();
    const saved = engine.saveState();
    const { contacts, solver } = engine;
    for (const array of [contacts.old_impulse, contacts.old_friction, contacts.anchor_a, contacts.anchor_R]) {
      engine.loadState(saved);
      engine.step();
      const expected = observe(engine);
      engine.loadState(saved);
      for (let i = 0; i < array.length; i++) array[i] *= 1.01;
      engine.step();
      expect(observe(engine).equals(expected)).toBe(false);
    }
    engine.loadState(saved);
    solver.step_number++;
    const other = engine.saveState();
    expect(other.length).toBeLessThan(saved.length);
  });

  it('refuses the state of other models, and one that was cut', () => {
    const engine = new CannonEngine(PANDA, SCENE);
    const other = new CannonEngine(PANDA, tableScene([sceneObject(BOX, [0.5, 0, 0.02])]));
    expect(() => other.loadState(engine.saveState())).toThrow(InputError);
    expect(() => other.loadState(engine.saveState())).toThrow(/objects 3: .*same models/);
    expect(() => engine.loadState(engine.saveState().subarray(0, 60))).toThrow(/60 numbers: must have/);
  });
});

interface Leaf {
  readonly name: string;
  /** The values now, as a copy. */
  read(): number[];
  write(values: readonly number[]): void;
}

const values = (engine: CannonEngine): Map<string, number[]> =>
  new Map(leaves(engine).map(({ name, read }) => [name, read()]));

type Fields = Record<string, unknown>;

/** Every number, boolean and typed array that can be reached from an engine, but for what models it. */
function leaves(engine: CannonEngine): Leaf[] {
  const found: Leaf[] = [];
  const visited = new Set<unknown>();
  const visit = (object: object, path: string) => {
    if (visited.has(object)) return;
    visited.add(object);
    if (ArrayBuffer.isView(object)) {
      const array = object as Float64Array;
      found.push({
        name: path,
        read: () => Array.from(array),
        write: (values) => array.set(values),
      });
      return;
    }
    const fields = object as Fields;
    for (const key of Object.keys(fields)) {
      const name = path === '' ? key : `${path}.${key}`;
      const value = fields[key];
      if (key === 'model' || key === 'robot') continue;
      if (typeof value === 'number' || typeof value === 'boolean') {
        found.push({
          name,
          read: () => [Number(fields[key])],
          write: ([next]) => {
            fields[key] = typeof value === 'boolean' ? next === 1 : next;
          },
        });
      } else if (typeof value === 'object' && value !== null) visit(value, name);
    }
  };
  visit(engine, '');
  return found;
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}
