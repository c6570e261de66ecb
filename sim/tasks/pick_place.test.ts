import { describe, expect, test } from 'vitest';
import { COLOURS, createRng, InputError, type TaskGoalOf, type Vector3 } from '../../contracts/index.ts';
import { PosedEngine } from '../../test/support/posed_engine.ts';
import type { SceneObject } from '../scene.ts';
import { NOMINAL_RGB } from './colours.ts';
import { createTask } from './index.ts';
import { PICK_PLACE, PickPlaceTask } from './pick_place.ts';
import type { TaskInstance } from './task.ts';

type Instance = TaskInstance<TaskGoalOf<'pick-place'>>;

const RESETS = 1000;
const task = new PickPlaceTask();
const draw = (seed: number): Instance => task.reset(createRng(seed).stream('task'));

function within(value: number, [low, high]: readonly [number, number]): boolean {
  return value >= low && value <= high;
}

/** Points along the outline seen from above, world. */
function outline(object: SceneObject): [number, number][] {
  const { shape } = object;
  const [x, y] = object.pose.position;
  const [, , qz, qw] = object.pose.orientation;
  const yaw = 2 * Math.atan2(qz, qw);
  const local: [number, number][] = [];
  for (let k = 0; k < 64; k++) {
    if (shape.type === 'box') {
      const side = k >> 4;
      const t = (k & 15) / 15 - 0.5;
      const [a, b] = side === 0 ? [t, 0.5] : side === 1 ? [t, -0.5] : side === 2 ? [0.5, t] : [-0.5, t];
      local.push([a * shape.size[0], b * shape.size[1]]);
    } else if (shape.type === 'cylinder') {
      const angle = (2 * Math.PI * k) / 64;
      local.push([shape.radius * Math.cos(angle), shape.radius * Math.sin(angle)]);
    }
  }
  return local.map(([a, b]) => [x + a * Math.cos(yaw) - b * Math.sin(yaw), y + a * Math.sin(yaw) + b * Math.cos(yaw)]);
}

function hue([r, g, b]: Vector3): number {
  const high = Math.max(r, g, b);
  const span = high - Math.min(r, g, b);
  const sixth = high === r ? (g - b) / span : high === g ? 2 + (b - r) / span : 4 + (r - g) / span;
  return (60 * sixth + 360) % 360;
}

function between(a: number, b: number): number {
  const d = Math.abs(a - b) % 360;
  return Math.min(d, 360 - d);
}

describe('worlds drawn by pick-place', () => {
  const instances = Array.from({ length: RESETS }, (_, seed) => draw(seed));

  test('objects keep the ranges of the task and stand on the table', () => {
    const counts = new Set<number>();
    instances.forEach(({ scene }, seed) => {
      counts.add(scene.objects.length);
      for (const object of scene.objects) {
        const { shape, pose } = object;
        const where = `seed ${seed} ${object.name}`;
        const lengths =
          shape.type === 'box' ? [...shape.size] : shape.type === 'cylinder' ? [2 * shape.radius, shape.length] : [];
        expect(shape.type, where).toBe(object.class);
        expect(lengths.length > 0 && lengths.every((l) => within(l, PICK_PLACE.edge)), where).toBe(true);
        expect(within(pose.position[0], PICK_PLACE.x) && within(pose.position[1], PICK_PLACE.y), where).toBe(true);
        expect(within(object.mass_kg, PICK_PLACE.mass_kg) && within(object.friction, PICK_PLACE.friction), where).toBe(
          true,
        );
        const height = shape.type === 'box' ? shape.size[2] : lengths[1];
        expect(pose.position[2], where).toBeCloseTo(height / 2, 12);
        expect([pose.orientation[0], pose.orientation[1]], where).toEqual([0, 0]);
        expect(Math.hypot(pose.orientation[2], pose.orientation[3]), where).toBeCloseTo(1, 12);
        expect(pose.orientation[3], where).toBeGreaterThanOrEqual(0);
      }
    });
    expect([...counts].sort()).toEqual([1, 2, 3, 4]);
  });

  test('fingers fit between any two objects', () => {
    instances.forEach(({ scene }, seed) => {
      const outlines = scene.objects.map(outline);
      for (let i = 0; i < outlines.length; i++) {
        for (let j = i + 1; j < outlines.length; j++) {
          let gap = Infinity;
          for (const a of outlines[i])
            for (const b of outlines[j]) gap = Math.min(gap, Math.hypot(a[0] - b[0], a[1] - b[1]));
          if (gap < PICK_PLACE.clearance) expect.fail(`seed ${seed}: objects ${i} and ${j} are ${gap} m apart`);
        }
      }
    });
  });

  test('the zone is free, away from the start, and leaves room for the fingers beside the placed object', () => {
    instances.forEach(({ scene, goal }, seed) => {
      const [tx, ty, tz] = goal.target;
      expect(scene.zones[0].position, `seed ${seed}`).toEqual(goal.target);
      expect(tz).toBe(0);
      expect(within(tx, PICK_PLACE.x) && within(ty, PICK_PLACE.y), `seed ${seed}`).toBe(true);
      const wanted = matching(scene.objects, goal.object)[0];
      const reach = Math.max(
        ...outline(wanted).map(([x, y]) => Math.hypot(x - wanted.pose.position[0], y - wanted.pose.position[1])),
      );
      for (const object of scene.objects) {
        const gap = Math.min(...outline(object).map(([x, y]) => Math.hypot(x - tx, y - ty)));
        expect(gap, `seed ${seed} ${object.name}`).toBeGreaterThan(
          PICK_PLACE.zone_radius + PICK_PLACE.clearance - 1e-9,
        );
        if (object !== wanted) expect(gap - reach, `seed ${seed}`).toBeGreaterThan(PICK_PLACE.clearance - 1e-9);
      }
      const move = Math.hypot(wanted.pose.position[0] - tx, wanted.pose.position[1] - ty);
      expect(move, `seed ${seed}`).toBeGreaterThanOrEqual(0.12);
    });
  });

  test('exactly one object fits the goal, and every class, colour and place in the list is asked for', () => {
    const asked = new Set<string>();
    const places = new Set<number>();
    instances.forEach(({ scene, goal }, seed) => {
      const fitting = matching(scene.objects, goal.object);
      expect(fitting.length, `seed ${seed}`).toBe(1);
      asked.add(`${goal.object.class} ${goal.object.colour}`);
      places.add(scene.objects.indexOf(fitting[0]));
      expect(new Set(scene.objects.map((o) => o.name)).size).toBe(scene.objects.length);
    });
    expect(asked.size).toBe(2 * COLOURS.length);
    expect(places.size).toBe(4);
  });

  test('paint stays nearest in hue to its own colour, well apart from the others', () => {
    for (const { scene } of instances) {
      for (const { colour, rgb, name } of scene.objects) {
        const own = between(hue(rgb), hue(NOMINAL_RGB[colour]));
        const other = Math.min(
          ...COLOURS.filter((c) => c !== colour).map((c) => between(hue(rgb), hue(NOMINAL_RGB[c]))),
        );
        expect(own, name).toBeLessThan(6);
        expect(other, name).toBeGreaterThan(18);
        expect(rgb.every((c) => within(c, [0, 1]))).toBe(true);
      }
    }
  });

  test('the stream decides everything', () => {
    for (const seed of [0, 1, 17]) expect(draw(seed).scene).toEqual(draw(seed).scene);
    expect(draw(0).scene).not.toEqual(draw(1).scene);
  });
});

function matching(objects: readonly SceneObject[], goal: { class: string; colour: string }): SceneObject[] {
  return objects.filter((object) => object.class === goal.class && object.colour === goal.colour);
}

describe('verdict of pick-place', () => {
  /** A world of several objects with the wanted one standing on its target. */
  function placed(): {
    instance: Instance;
    engine: PosedEngine;
    at: number;
    other: number;
    shape: SceneObject['shape'];
  } {
    const instance = Array.from({ length: 50 }, (_, seed) => draw(seed)).find(
      ({ scene }) => scene.objects.length === 3,
    );
    if (instance === undefined) throw new Error('no world of three objects among 50');
    const { scene, goal } = instance;
    const wanted = scene.objects.indexOf(matching(scene.objects, goal.object)[0]);
    const engine = new PosedEngine(scene.objects);
    engine.state.set([goal.target[0], goal.target[1]], 13 * wanted);
    return { instance, engine, at: 13 * wanted, other: 13 * ((wanted + 1) % 3), shape: scene.objects[wanted].shape };
  }

  function judge({ instance, engine }: { instance: Instance; engine: PosedEngine }, time_s = 10) {
    return instance.evaluate({ engine, time_s, gripper_width_m: 0.08, tool_position: [0.5, 0, 0.3] });
  }

  function failed(world: { instance: Instance; engine: PosedEngine }, time_s?: number): string[] {
    const { checks, success } = judge(world, time_s);
    const names = Object.keys(checks).filter((name) => !checks[name]);
    expect(success).toBe(names.length === 0);
    return names;
  }

  test('an object standing on its target, let go, is a success', () => {
    expect(failed(placed())).toEqual([]);
    expect(judge(placed()).placement_error_m).toBe(0);
  });

  test('the world as drawn is not', () => {
    for (let seed = 0; seed < 100; seed++) {
      const instance = draw(seed);
      expect(failed({ instance, engine: new PosedEngine(instance.scene.objects) })).toEqual(['at_target']);
    }
  });

  test.each([
    [0.0199, []],
    [0.0201, ['at_target']],
  ])('%f m beside the centre: %j', (offset, expected) => {
    const world = placed();
    world.engine.state[world.at] += offset * Math.SQRT1_2;
    world.engine.state[world.at + 1] -= offset * Math.SQRT1_2;
    expect(judge(world).placement_error_m).toBeCloseTo(offset, 9);
    expect(failed(world)).toEqual(expected);
  });

  test('an object above the table is not at its target', () => {
    const world = placed();
    world.engine.state[world.at + 2] += 0.004;
    expect(failed(world)).toEqual(['at_target']);
  });

  test('one fallen on its side but resting there is', () => {
    const world = placed();
    const { shape, engine, at } = world;
    engine.state.set([Math.SQRT1_2, 0, 0, Math.SQRT1_2], at + 3);
    engine.state[at + 2] = shape.type === 'box' ? shape.size[1] / 2 : shape.type === 'cylinder' ? shape.radius : 0;
    expect(failed(world)).toEqual([]);
  });

  test('each remaining check fails alone', () => {
    const moving = placed();
    moving.engine.state[moving.at + 8] = 0.01;
    expect(failed(moving)).toEqual(['at_rest']);
    const turning = placed();
    turning.engine.state[turning.at + 12] = 0.1;
    expect(failed(turning)).toEqual(['at_rest']);
    const held = placed();
    held.engine.touched = held.at / 13;
    expect(failed(held)).toEqual(['released']);
    const fallen = placed();
    fallen.engine.state.set([1.1, 0, -0.7], fallen.other);
    expect(failed(fallen)).toEqual(['others_on_table']);
    expect(failed(placed(), 20.002)).toEqual(['in_time']);
    expect(failed(placed(), 20)).toEqual([]);
  });

  test('a state that is not a number is no success', () => {
    const world = placed();
    world.engine.state[world.at] = Number.NaN;
    expect(failed(world)).toContain('at_target');
  });
});

test('an unknown task is named with the known ones', () => {
  expect(() => createTask('pick')).toThrow(InputError);
  expect(() => createTask('pick')).toThrow("task 'pick': one of pick-place");
});
