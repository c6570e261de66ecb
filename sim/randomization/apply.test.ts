import { describe, expect, test } from 'vitest';
import { createRng, type Vector3 } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { createCannonEngine } from '../cannon/index.ts';
import type { SceneModel } from '../scene.ts';
import { createTask, defectSignal_mm2, surfaceTruth, TASK_NAMES } from '../tasks/index.ts';
import { randomizeScene } from './apply.ts';
import { drawRandomization } from './draw.ts';
import type { RandomizationLevel } from './record.ts';

const robot = loadRobot('panda');

function worlds(name: string, level: RandomizationLevel, seed: number): { before: SceneModel; after: SceneModel } {
  const task = createTask(name);
  const rng = createRng(seed).stream('episode/0');
  const instance = task.reset(rng.stream('task'));
  const streams = { start_up: createRng(seed), episode: rng.stream('randomization') };
  const record = drawRandomization(level, streams, robot, task, instance);
  return { before: instance.scene, after: randomizeScene(record, instance.scene, task.spec.touching) };
}

function hue([r, g, b]: Vector3): number {
  return Math.atan2(Math.sqrt(3) * (g - b), 2 * r - g - b);
}

const bottom = ({ pose, shape }: SceneModel['objects'][number]): number =>
  pose.position[2] - (shape.type === 'box' ? shape.size[2] : shape.type === 'cylinder' ? shape.length : 0) / 2;

describe('a randomised scene', () => {
  test.each(TASK_NAMES)('of %s is the drawn one itself at level none', (name) => {
    for (let seed = 0; seed < 20; seed++) {
      const { before, after } = worlds(name, 'none', seed);
      expect(after).toBe(before);
    }
  });

  test.each(TASK_NAMES)('of %s has the same objects on the same ground, with other bodies and paints', (name) => {
    for (let seed = 0; seed < 20; seed++) {
      const { before, after } = worlds(name, 'hard', seed);
      expect(after.objects.map((o) => o.name)).toEqual(before.objects.map((o) => o.name));
      expect(after.fixtures).toEqual(before.fixtures);
      after.objects.forEach((object, i) => {
        const was = before.objects[i];
        expect(bottom(object), `seed ${seed} ${object.name}`).toBeCloseTo(bottom(was), 12);
        expect(object.mass_kg).not.toBe(was.mass_kg);
        expect(object.friction).not.toBe(was.friction);
        expect(object.com_m?.every((c) => c !== 0)).toBe(true);
        expect(Math.abs(hue(object.rgb) - hue(was.rgb))).toBeLessThan(1e-9);
        expect(object.rgb.every((c) => c >= 0 && c <= 1)).toBe(true);
      });
      expect(after.table.friction).not.toBe(before.table.friction);
      expect(after.light?.key_direction[2]).toBeGreaterThan(0);
    }
  });

  test.each(TASK_NAMES)(
    'of %s stands still in physics, though masses, their centres and friction are others',
    (name) => {
      const state = new Float64Array(13);
      for (const seed of [1, 2]) {
        const { after } = worlds(name, 'hard', seed);
        const engine = createCannonEngine(robot, after);
        // Friction in its joints holds the arm.
        engine.implicit_damping.fill(1e5);
        for (let k = 0; k < 150; k++) engine.step();
        after.objects.forEach(({ pose: { position: p } }, i) => {
          engine.objectState(i, state, 0);
          expect(Math.hypot(state[0] - p[0], state[1] - p[1], state[2] - p[2]), `seed ${seed}`).toBeLessThan(1e-3);
        });
      }
    },
  );

  test("leaves an inspection's truth as it was, and its spots on their sides", () => {
    let spots = 0;
    for (let seed = 0; seed < 60; seed++) {
      const { before, after } = worlds('inspect', 'hard', seed);
      after.objects.forEach((object, i) => {
        expect(surfaceTruth(object)).toBe(surfaceTruth(before.objects[i]));
        expect(defectSignal_mm2(object)).toBe(defectSignal_mm2(before.objects[i]));
        if (object.texture?.kind !== 'spot') return;
        spots++;
        const { shape, texture } = object;
        const half = shape.type === 'box' ? shape.size[0] / 2 : shape.type === 'cylinder' ? shape.radius : 0;
        expect(texture.offset_m[0]).toBeCloseTo(half, 12);
      });
    }
    expect(spots).toBeGreaterThan(20);
  });
});
