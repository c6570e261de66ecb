import { describe, expect, test } from 'vitest';
import { createRng, type InspectionVerdict, type TaskGoalOf } from '../../contracts/index.ts';
import { PosedEngine } from '../../test/support/posed_engine.ts';
import { DEFECTS, defectSignal_mm2, type SurfaceTruth, surfaceTruth } from './defects.ts';
import { InspectTask } from './inspect.ts';
import type { TaskInstance } from './task.ts';

type Instance = TaskInstance<TaskGoalOf<'inspect'>>;
const task = new InspectTask();
const instances = Array.from({ length: 400 }, (_, seed) => task.reset(createRng(seed)));
const objects = instances.flatMap(({ scene }) => scene.objects);

describe('defects', () => {
  test('are clear, faint or absent, in the shares that are declared, with a gap around the rule', () => {
    const share = (truth: SurfaceTruth) => objects.filter((o) => surfaceTruth(o) === truth).length / objects.length;
    expect(share('good')).toBeCloseTo(DEFECTS.good_share, 1);
    expect(share('ambiguous')).toBeCloseTo(DEFECTS.faint_share, 1);
    for (const object of objects) {
      const signal = defectSignal_mm2(object);
      const limit = DEFECTS.ambiguous_below_mm2;
      expect(signal === 0 || signal < 0.75 * limit || signal > 1.25 * limit, `${object.name}: ${signal}`).toBe(true);
    }
  });

  test('lie with all of their disc on the side that faces the camera, beside no edge', () => {
    for (const { shape, texture, pose, name } of objects) {
      const [, , z, w] = pose.orientation;
      expect(Math.abs(2 * Math.atan2(z, w)), name).toBeLessThanOrEqual(Math.PI / 6 + 1e-9);
      if (texture === undefined) continue;
      const [x, y, up] = texture.offset_m;
      const r = texture.scale_m;
      if (shape.type === 'box') {
        expect(x).toBe(shape.size[0] / 2);
        expect(Math.abs(y) + r).toBeLessThan(shape.size[1] / 2);
        expect(Math.abs(up) + r).toBeLessThan(shape.size[2] / 2);
      } else if (shape.type === 'cylinder') {
        expect([x, y]).toEqual([shape.radius, 0]);
        expect(Math.abs(up) + r).toBeLessThan(shape.length / 2);
      } else expect.fail(`${name} has no such shape`);
      expect(texture.strength).toBeGreaterThan(0);
      expect(texture.strength).toBeLessThanOrEqual(1);
    }
  });

  test('signal is the mean contrast of the channels times the area', () => {
    const texture = { kind: 'spot', rgb: [1, 1, 1], scale_m: 0.002, offset_m: [0, 0, 0], strength: 0.5 } as const;
    expect(defectSignal_mm2({ rgb: [0.4, 0.7, 1], texture })).toBeCloseTo(0.3 * 0.5 * Math.PI * 4, 12);
    expect(defectSignal_mm2({ rgb: [0.4, 0.7, 1] })).toBe(0);
    expect(defectSignal_mm2({ rgb: [0, 0, 0], texture: { ...texture, kind: 'noise' } })).toBe(0);
  });
});

describe('verdict of an inspection', () => {
  /** Judges a world in which every object stands in the region that `verdictOf` names. */
  function judge(instance: Instance, verdictOf: (truth: SurfaceTruth, i: number) => InspectionVerdict) {
    const engine = new PosedEngine(instance.scene.objects);
    instance.scene.objects.forEach((object, i) => {
      const { centre } = instance.goal[verdictOf(surfaceTruth(object), i)];
      engine.state.set([centre[0], centre[1]], 13 * i);
    });
    const view = { engine, time_s: 30, gripper_width_m: 0.08, tool_position: [0.4, 0, 0.5] as const };
    return instance.evaluate(view);
  }
  const right = (truth: SurfaceTruth): InspectionVerdict => (truth === 'ambiguous' ? 'unsure' : truth);
  const having = (truth: SurfaceTruth, times = 1) =>
    instances.filter(({ scene }) => scene.objects.filter((o) => surfaceTruth(o) === truth).length >= times);

  test('of a faint spot: unsure and defective are right, good is not', () => {
    for (const instance of having('ambiguous')) {
      for (const [verdict, wrong] of [
        ['unsure', false],
        ['defective', false],
        ['good', true],
      ] as const) {
        const { success, checks, measures } = judge(instance, (truth) =>
          truth === 'ambiguous' ? verdict : right(truth),
        );
        expect({ verdict, success, none_wrong: checks.none_wrong }).toEqual({
          verdict,
          success: !wrong,
          none_wrong: !wrong,
        });
        expect(measures?.abstained).toBe(0);
      }
    }
  });

  test('counts a good one called defective, and a clear defect called good, as wrong', () => {
    for (const [truth, verdict] of [
      ['good', 'defective'],
      ['defective', 'good'],
    ] as const) {
      for (const instance of having(truth)) {
        const first = instance.scene.objects.findIndex((o) => surfaceTruth(o) === truth);
        const { success, measures } = judge(instance, (t, i) => (i === first ? verdict : right(t)));
        expect({ success, wrong: measures?.wrong }).toEqual({ success: false, wrong: 1 });
      }
    }
  });

  test('lets one object that is plain be called unsure, and no second', () => {
    for (const instance of having('good', 2)) {
      const goods = instance.scene.objects.flatMap((o, i) => (surfaceTruth(o) === 'good' ? [i] : []));
      const abstaining = (on: readonly number[]) => judge(instance, (t, i) => (on.includes(i) ? 'unsure' : right(t)));
      expect(abstaining(goods.slice(0, 1)).success).toBe(true);
      expect(abstaining(goods.slice(0, 2)).checks.within_budget).toBe(false);
    }
  });

  test('an object that reaches out of its region is in none', () => {
    const [instance] = instances;
    const engine = new PosedEngine(instance.scene.objects);
    const view = { engine, time_s: 30, gripper_width_m: 0.08, tool_position: [0.4, 0, 0.5] as const };
    instance.scene.objects.forEach((object, i) => {
      const { centre, size } = instance.goal[right(surfaceTruth(object))];
      engine.state.set([centre[0], centre[1] + size[1] / 2 - 0.01], 13 * i);
    });
    expect(instance.evaluate(view).checks).toMatchObject({ in_regions: false, none_wrong: true });
  });
});
