import { describe, expect, test } from 'vitest';
import { createRng, taskGoal } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { PosedEngine } from '../../test/support/posed_engine.ts';
import { solvedStates } from '../../test/support/solved_world.ts';
import { sweep } from '../../test/support/sweep.ts';
import type { PhysicsEngine } from '../engine.ts';
import { createEngine, ENGINE_NAMES, prepareEngine } from '../engines.ts';
import { sceneRecord } from '../scene_record.ts';
import { createTask, kindName, OBJECT_SETS, type ObjectSet, TASK_NAMES, type TaskInstance } from './index.ts';
import { keepSizes } from './sizes.ts';

const SEEDS = sweep(80, 200);
const robot = loadRobot('panda');
const seeds = Array.from({ length: SEEDS }, (_, seed) => seed);

describe.each(TASK_NAMES)('task %s', (name) => {
  const task = createTask(name);
  const { spec } = task;
  const draw = (seed: number, object_set: ObjectSet = 'all') => task.reset(createRng(seed).stream('task'), object_set);
  const instances = seeds.map((seed) => draw(seed));
  const each = (check: (instance: TaskInstance, where: string) => void) =>
    instances.forEach((instance, seed) => void check(instance, `seed ${seed}`));

  test('draws worlds within its spec, from its smallest to its largest', () => {
    const counts = new Set<number>();
    each(({ scene, goal }, where) => {
      counts.add(scene.objects.length);
      expect(goal.task, where).toBe(name);
      expect(taskGoal.parse(goal), where).toEqual(goal);
      expect(sceneRecord.parse(scene), where).toEqual(scene);
      expect(keepSizes(scene.objects, spec, 'all'), where).toBe(true);
      expect(task.allows(scene, goal, 'all'), where).toBe(true);
      expect(new Set(scene.objects.map((o) => o.name)).size, where).toBe(scene.objects.length);
      for (const { pose, mass_kg, friction } of scene.objects) {
        const [x, y] = pose.position;
        for (const [value, [low, high]] of [
          [x, spec.x_m],
          [y, spec.y_m],
          [mass_kg, spec.mass_kg],
          [friction, spec.friction],
        ] as const) {
          if (!(value >= low && value <= high)) expect.fail(`${where}: ${value} is not within ${low} and ${high}`);
        }
        expect([pose.orientation[0], pose.orientation[1]]).toEqual([0, 0]);
      }
    });
    const [fewest, most] = spec.objects;
    expect([...counts].sort((a, b) => a - b)).toEqual(Array.from({ length: most - fewest + 1 }, (_, k) => fewest + k));
  });

  test('gives the same world for the same stream, and another for every other', () => {
    for (const seed of [0, 7, 33]) expect(JSON.stringify(draw(seed))).toBe(JSON.stringify(instances[seed]));
    expect(new Set(instances.map(({ scene }) => JSON.stringify(scene))).size).toBe(SEEDS);
    expect(new Set(instances.map(({ goal }) => JSON.stringify(goal))).size).toBe(SEEDS);
  });

  test('starts at random, and nothing that a policy could be told of an object or a goal is constant', () => {
    const seen = new Map<string, Set<unknown>>();
    const note = (key: string, value: unknown) => void seen.set(key, (seen.get(key) ?? new Set()).add(value));
    each(({ scene, goal }) => {
      note('count', scene.objects.length);
      const [object] = scene.objects;
      for (const [key, value] of leaves({ ...object, name: 0 })) note(`first object ${key}`, value);
      for (const [key, value] of leaves(goal)) note(`goal ${key}`, value);
    });
    const constant = [...seen].filter(([, values]) => values.size < 2).map(([key]) => key);
    // Names, upright poses, sizes of regions and containers, and the heights they stand at are the task's own.
    const own =
      /name|orientation\.[01]$|goal task|goal.*(size|inner)|goal.*(centre|target)\.2$|regions\.\d\.class|texture|unsure\.centre\.1/;
    expect(constant.filter((key) => !own.test(key))).toEqual([]);
    expect(seen.get('first object pose.position.0')?.size).toBeGreaterThan(SEEDS * 0.9);
  });

  test('is restored from scene and goal alone', () => {
    each((instance, where) => {
      const again = task.restore(
        sceneRecord.parse(JSON.parse(JSON.stringify(instance.scene))),
        taskGoal.parse(JSON.parse(JSON.stringify(instance.goal))),
      );
      const world = new PosedEngine(instance.scene.objects);
      expect(judge(again, world), where).toEqual(judge(instance, world));
      put(instance, world);
      expect(judge(again, world), where).toEqual(judge(instance, world));
    });
  });

  test('is not done at the start, is done when every object stands where it belongs, and says which checks', () => {
    each((instance, where) => {
      const world = new PosedEngine(instance.scene.objects);
      const start = judge(instance, world);
      expect(Object.keys(start.checks).sort(), where).toEqual([...spec.checks].sort());
      expect(start.success, where).toBe(false);
      put(instance, world);
      const end = judge(instance, world);
      expect({ where, ...end }).toMatchObject({ where, success: true });
      expect(Object.values(end.checks).every(Boolean)).toBe(true);
    });
  });

  test('each of its checks can fail in a world that is else done', () => {
    const failed = new Set<string>();
    each((instance) => {
      const fresh = () => put(instance, new PosedEngine(instance.scene.objects));
      const note = (world: PosedEngine, time_s = 10) => {
        const { success, checks } = judge(instance, world, time_s);
        const names = Object.keys(checks).filter((check) => !checks[check]);
        expect(success).toBe(names.length === 0);
        for (const check of names) failed.add(check);
        return names;
      };
      expect(note(fresh(), spec.time_limit_s)).toEqual([]);
      expect(note(fresh(), spec.time_limit_s + 0.002)).toEqual(['in_time']);
      const solved = solvedStates(instance);
      instance.scene.objects.forEach((object, i) => {
        const spoil = (change: (world: PosedEngine, at: number) => unknown) => {
          const world = fresh();
          change(world, 13 * i);
          return note(world);
        };
        const start = [...object.pose.position, ...object.pose.orientation];
        spoil((world, at) => world.state.set(start, at));
        spoil((world, at) => world.state.set([1.2, 0, -0.7], at));
        spoil((world, at) => world.state.set([0.02], at + 8));
        spoil((world) => Object.assign(world, { touched: i }));
        // Every other object's place, which is the wrong one for some.
        for (const other of solved) spoil((world, at) => world.state.set(other.slice(0, 2), at));
      });
      // Everything in one place: what may be there a few times at most is there too often.
      for (const place of regionCentres(instance)) {
        const world = fresh();
        instance.scene.objects.forEach((_, i) => void world.state.set(place, 13 * i));
        note(world);
      }
    });
    expect([...failed].sort()).toEqual([...spec.checks].sort());
  });

  test('rewards from 0 to 1, 1 for success alone, and more for what is nearer', () => {
    each((instance, where) => {
      const world = new PosedEngine(instance.scene.objects);
      const start = instance.reward(view(world));
      expect(start, where).toBeGreaterThanOrEqual(0);
      expect(start, where).toBeLessThan(0.8);
      const states = solvedStates(instance);
      const moving = instance.scene.objects.findIndex((o, i) => o.pose.position[0] !== states[i][0]);
      const { position } = instance.scene.objects[moving].pose;
      const over = { ...view(world), tool_position: position };
      expect(instance.reward(over), where).toBeGreaterThan(start);
      // Half of the way, in the air: nearer, and not there.
      const half = states[moving].slice(0, 2).map((goal, k) => (goal + position[k]) / 2);
      world.state.set([...half, 0.3], 13 * moving);
      expect(instance.reward(view(world)), where).toBeGreaterThan(start);
      put(instance, world);
      expect(instance.reward(view(world)), where).toBe(1);
      world.touched = moving;
      expect(instance.reward(view(world)), where).toBeLessThan(1);
    });
  });

  test('draws train and test objects that have no kind in common, and both occur in all', () => {
    const kinds = new Map(
      OBJECT_SETS.map((set) => [
        set,
        new Set(seeds.flatMap((seed) => draw(seed, set).scene.objects.map((o) => kindOf(o)))),
      ]),
    );
    const [train, held_out, all] = (['train', 'test', 'all'] as const).map((set) => kinds.get(set) ?? new Set());
    expect([...held_out].filter((kind) => train.has(kind))).toEqual([]);
    expect(held_out.size).toBeGreaterThan(5);
    expect(train.size).toBeGreaterThan(held_out.size);
    for (const set of [train, held_out]) expect([...all].some((kind) => set.has(kind))).toBe(true);
  });

  describe.each(ENGINE_NAMES)('in %s', (engine_name) => {
    /** A world with the arm held at home by friction in its joints. */
    async function world(instance: TaskInstance): Promise<PhysicsEngine> {
      await prepareEngine(engine_name);
      const engine = createEngine(engine_name, robot, instance.scene, { dt_s: 0.002 });
      engine.setRobotState(robot.home_q, new Float64Array(robot.model.nq));
      engine.implicit_damping.fill(1e5);
      return engine;
    }

    test('starts at rest: nothing moves by a millimetre, and it is not done', async () => {
      const state = new Float64Array(13);
      for (const seed of [1, 2, 3]) {
        const instance = instances[seed];
        const engine = await world(instance);
        for (let k = 0; k < 250; k++) engine.step();
        instance.scene.objects.forEach(({ pose: { position: p } }, i) => {
          engine.objectState(i, state, 0);
          expect(Math.hypot(state[0] - p[0], state[1] - p[1], state[2] - p[2]), `seed ${seed}`).toBeLessThan(1e-3);
        });
        expect(judge(instance, engine).success).toBe(false);
        engine.dispose?.();
      }
    });

    test('is done when its objects are put right and have come to rest', async () => {
      for (const seed of [4, 5, 6]) {
        const instance = instances[seed];
        const engine = await world(instance);
        engine.step();
        solvedStates(instance).forEach((state, i) => void engine.setObjectState(i, state));
        for (let k = 0; k < 150; k++) engine.step();
        expect({ seed, ...judge(instance, engine) }).toMatchObject({ seed, success: true });
        engine.dispose?.();
      }
    });
  });
});

function view(engine: PhysicsEngine, time_s = 10) {
  return { engine, time_s, gripper_width_m: 0.08, tool_position: [0.3, 0, 0.5] as const };
}

function judge(instance: TaskInstance, engine: PhysicsEngine, time_s?: number) {
  return instance.evaluate(view(engine, time_s));
}

function put<E extends PhysicsEngine>(instance: TaskInstance, engine: E): E {
  solvedStates(instance).forEach((state, i) => void engine.setObjectState(i, state));
  return engine;
}

function regionCentres({ goal }: TaskInstance): number[][] {
  return goal.task === 'inspect'
    ? [goal.good, goal.defective, goal.unsure].map(({ centre }) => [centre[0], centre[1]])
    : [];
}

function kindOf({ class: name, colour, shape }: TaskInstance['scene']['objects'][number]): string {
  if (shape.type === 'mesh') throw new Error('a mesh');
  return kindName({ class: name, colour, shape });
}

/** Numbers and words of a value, by their path. */
function* leaves(value: unknown, path = ''): Generator<readonly [string, unknown]> {
  if (typeof value !== 'object' || value === null) yield [path, value];
  else for (const [key, entry] of Object.entries(value)) yield* leaves(entry, path === '' ? key : `${path}.${key}`);
}
