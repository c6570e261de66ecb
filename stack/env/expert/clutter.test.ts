import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { loadRobot } from '../../../robots/index.ts';
import { ClutterTask } from '../../../sim/index.ts';
import { clutterErrands } from './clutter.ts';
import { GraspChoice } from './grasp_choice.ts';
import { type Standing, standing } from './upright.ts';

const GRASPS = new GraspChoice(loadRobot('panda'), -Math.PI / 2);

function standingNow(task: ClutterTask, seed: number) {
  const { scene, goal } = task.reset(createRng(seed));
  const all = scene.objects.map(
    ({ shape, pose: { position, orientation } }): Standing => standing(shape, [...position, ...orientation]),
  );
  return { chooser: clutterErrands(goal, scene, GRASPS), all, goal, misses: new Int32Array(all.length) };
}

/** The object at another place, upright. */
function moved(object: Standing, x: number, y: number, floor_m: number): Standing {
  return { ...object, position: [x, y, floor_m + object.height_m / 2] };
}

describe('errands of the clutter task', () => {
  it('empty every bin into distinct places of the tray, each inside and free of what lies there', () => {
    const task = new ClutterTask();
    for (let seed = 0; seed < 12; seed++) {
      const { chooser, all, goal, misses } = standingNow(task, seed);
      const taken: number[] = [];
      for (let k = 0; k < all.length; k++) {
        const errand = chooser.choose(all, misses);
        if (errand === null) throw new Error(`seed ${seed}: nothing to do after ${k} objects`);
        const { object, destination, opening_m, grasp } = errand;
        expect(taken, `seed ${seed}`).not.toContain(object);
        expect(opening_m).toBeGreaterThan(grasp.width_m + 0.008);
        taken.push(object);
        const [dx, dy] = [0, 1].map((c) => Math.abs(destination[c] - goal.tray.centre[c]));
        expect(Math.max(dx - goal.tray.inner[0] / 2, dy - goal.tray.inner[1] / 2)).toBeLessThan(-0.015);
        const gaps = taken.slice(0, -1).map((i) => {
          const { position } = all[i];
          return Math.hypot(position[0] - destination[0], position[1] - destination[1]);
        });
        expect(Math.min(Infinity, ...gaps), `seed ${seed}, object ${k}`).toBeGreaterThan(0.03);
        all[object] = moved(all[object], destination[0], destination[1], destination[2]);
      }
      expect(chooser.choose(all, misses)).toBeNull();
    }
  });

  it('takes another object first after one has slipped', () => {
    const { chooser, all, misses } = standingNow(new ClutterTask(), 3);
    const first = chooser.choose(all, misses)?.object ?? -1;
    misses[first] = 2;
    const second = chooser.choose(all, misses)?.object ?? -1;
    expect(second).toBeGreaterThanOrEqual(0);
    expect(second).not.toBe(first);
  });
});
