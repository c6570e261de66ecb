import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { PosedEngine } from '../../test/support/posed_engine.ts';
import { solvedStates } from '../../test/support/solved_world.ts';
import { footprintRadius } from './footprint.ts';
import { SORT, SortTask } from './sort.ts';

const task = new SortTask();
const instances = Array.from({ length: 300 }, (_, seed) => task.reset(createRng(seed)));

describe('worlds to sort', () => {
  test('have both classes, none more often than its region has room for, and either on either side', () => {
    const sides = new Set<string>();
    for (const { scene, goal } of instances) {
      for (const name of ['box', 'cylinder'] as const) {
        const count = scene.objects.filter((o) => o.class === name).length;
        expect(count).toBeGreaterThanOrEqual(SORT.of_a_class[0]);
        expect(count).toBeLessThanOrEqual(SORT.of_a_class[1]);
        const region = goal.regions.find((r) => r.class === name)?.region;
        sides.add(`${name} ${Math.sign(region?.centre[1] ?? 0)}`);
      }
      expect(scene.zones.map(({ position, size_m }) => [position, size_m])).toEqual(
        goal.regions.map(({ region }) => [region.centre, region.size]),
      );
    }
    expect(sides.size).toBe(4);
  });

  test('begin with every object outside both regions, and fingers fit between any two', () => {
    instances.forEach(({ scene, goal }, seed) => {
      scene.objects.forEach(({ pose: { position: p }, shape }, i) => {
        const radius = footprintRadius(shape);
        for (const { region } of goal.regions) {
          const gap = Math.abs(p[1] - region.centre[1]) - region.size[1] / 2;
          expect(gap, `seed ${seed}`).toBeGreaterThan(radius);
        }
        for (const other of scene.objects.slice(0, i)) {
          const between = Math.hypot(p[0] - other.pose.position[0], p[1] - other.pose.position[1]);
          expect(between - radius - footprintRadius(other.shape)).toBeGreaterThanOrEqual(SORT.clearance - 1e-12);
        }
      });
    });
  });
});

describe('verdict of sorting', () => {
  const view = (engine: PosedEngine) => ({
    ...{ engine, time_s: 30, gripper_width_m: 0.08 },
    tool_position: [0.4, 0, 0.5] as const,
  });

  test('counts an object as sorted while its whole outline is in the region', () => {
    for (const instance of instances.slice(0, 50)) {
      const { scene, goal } = instance;
      const { shape, class: name } = scene.objects[0];
      const region = goal.regions.find((r) => r.class === name)?.region;
      if (region === undefined) throw new Error(`no region for ${name}`);
      // Upright and square to the region.
      const reach = shape.type === 'box' ? shape.size[1] / 2 : footprintRadius(shape);
      for (const [edge, sorted] of [
        [-1e-4, true],
        [1e-4, false],
      ] as const) {
        const engine = new PosedEngine(scene.objects);
        solvedStates(instance).forEach((state, i) => void engine.setObjectState(i, state));
        engine.state[1] = region.centre[1] + region.size[1] / 2 - reach + edge;
        const { checks, measures } = instance.evaluate(view(engine));
        expect(checks.in_regions).toBe(sorted);
        expect(measures?.sorted_share).toBeCloseTo(sorted ? 1 : 1 - 1 / scene.objects.length, 12);
      }
    }
  });

  test("does not count the other class's region, or an object on top of another", () => {
    const [instance] = instances;
    const solved = solvedStates(instance);
    const judged = (change: (engine: PosedEngine) => void) => {
      const engine = new PosedEngine(instance.scene.objects);
      solved.forEach((state, i) => void engine.setObjectState(i, state));
      change(engine);
      return instance.evaluate(view(engine)).checks.in_regions;
    };
    const { objects } = instance.scene;
    const other = objects.findIndex((o) => o.class !== objects[0].class);
    expect(judged(() => {})).toBe(true);
    expect(judged(({ state }) => state.set(solved[other].slice(0, 2), 0))).toBe(false);
    expect(judged(({ state }) => state.set([solved[0][2] + 0.03], 2))).toBe(false);
  });
});
