import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import { drawRandomization, type Randomization, randomization, randomizeScene } from '../randomization/index.ts';
import { footprintRadius } from '../tasks/footprint.ts';
import { createTask, PickPlaceTask } from '../tasks/index.ts';
import { addDistractors } from './distractors.ts';
import { disturb } from './draw.ts';
import { parseDisturbances } from './words.ts';

const PANDA = loadRobot('panda');
const task = new PickPlaceTask();

function world(seed: number, level: Randomization['level'] = 'none') {
  const rng = createRng(seed);
  const drawn = task.reset(rng.stream('task'));
  const streams = { start_up: rng.stream('start_up'), episode: rng.stream('randomization') };
  const before = drawRandomization(level, streams, PANDA, task, drawn);
  const scene = randomizeScene(before, drawn.scene, false);
  const disturbed = (words: string, other = rng.stream('disturbance')) =>
    disturb(before, parseDisturbances(words), { scene, spec: task.spec, object: 0, cycle_s: 0.002 }, other);
  return { rng, drawn, before, scene, disturbed };
}

describe('what is drawn', () => {
  test('the same stream gives the same record, plain JSON that is read back as it was', () => {
    for (let seed = 0; seed < sweep(5, 50); seed++) {
      const words = 'push,dropout:0.3,calibration:0.01,light:0.5,texture:0.7,command-delay:0.01,camera-delay:0.1';
      const one = world(seed).disturbed(words);
      expect(world(seed).disturbed(words)).toEqual(one);
      expect(randomization.parse(JSON.parse(JSON.stringify(one))), `seed ${seed}`).toEqual(one);
    }
  });

  test('each has a stream of its own: one more leaves the others as they were', () => {
    const { disturbed } = world(3);
    const [alone, both] = [disturbed('push'), disturbed('light:0.5,push')];
    expect(both.disturbance?.events).toEqual(alone.disturbance?.events);
  });

  test('nothing asked for leaves the record as it was', () => {
    const { before } = world(4);
    expect(before).not.toHaveProperty('disturbance');
  });

  test('push-or-slip is either, in about half of the worlds', () => {
    const kinds = Array.from({ length: 60 }, (_, seed) => world(seed).disturbed('push-or-slip').disturbance?.events);
    expect(kinds.every((events) => events?.length === 1)).toBe(true);
    const pushes = kinds.filter((events) => events?.[0].kind === 'push').length;
    expect(pushes).toBeGreaterThan(15);
    expect(pushes).toBeLessThan(45);
  });

  test('a pushed object is sent where it could have been drawn, wherever there is such a place', () => {
    let inside = 0;
    const worlds = sweep(40, 400);
    for (let seed = 0; seed < worlds; seed++) {
      const { scene, disturbed } = world(seed);
      const [event] = disturbed('push:0.05').disturbance?.events ?? [];
      if (event?.kind !== 'push') throw new Error(`seed ${seed}: no push`);
      const [fx, fy] = event.force_N;
      const size = Math.hypot(fx, fy);
      const [x, y] = scene.objects[0].pose.position;
      const [ex, ey] = [x + (0.05 * fx) / size, y + (0.05 * fy) / size];
      const { x_m, y_m } = task.spec;
      if (ex >= x_m[0] && ex <= x_m[1] && ey >= y_m[0] && ey <= y_m[1]) inside++;
    }
    expect(inside).toBe(worlds);
  });

  test('strengths arrive in the record in their units', () => {
    const { disturbed, before } = world(5, 'train');
    const { drop_probability, camera_latency_s } = before.reset.sensors;
    expect(disturbed('dropout:0.4').reset.sensors.drop_probability).toBe(Math.max(0.4, drop_probability));
    expect(disturbed('camera-delay:0.1').reset.sensors.camera_latency_s).toBeCloseTo(camera_latency_s + 0.1, 12);
    expect(disturbed('command-delay:0.02').start_up.latency_cycles).toBe(before.start_up.latency_cycles + 10);
    const { overview } = disturbed('calibration:0.01').start_up.cameras;
    const off = overview.camera_position_m.map((v, k) => v - before.start_up.cameras.overview.camera_position_m[k]);
    expect(Math.hypot(...off)).toBeCloseTo(0.01, 12);
  });

  test('a pattern is on the table in the colour of the wanted object, over whatever was drawn', () => {
    for (const level of ['none', 'hard'] as const) {
      const { drawn, scene, disturbed } = world(6, level);
      const { table } = randomizeScene(disturbed('texture:0.8'), drawn.scene, false);
      expect(table.texture).toMatchObject({ rgb: scene.objects[0].rgb, strength: 0.8 });
    }
  });
});

describe('a patch', () => {
  test('lies among the objects in a bright colour, and moves and hides nothing of the scene', () => {
    const colours = new Set<string>();
    for (let seed = 0; seed < 30; seed++) {
      const { drawn, scene, disturbed } = world(seed);
      const { patch } = disturbed('patch:0.06').disturbance ?? {};
      if (patch === undefined) throw new Error(`seed ${seed}: no patch`);
      const after = randomizeScene(disturbed('patch:0.06'), drawn.scene, false);
      expect(after.zones.slice(0, -1), `seed ${seed}`).toEqual(scene.zones);
      expect(after.zones.at(-1)).toEqual({ position: patch.position, size_m: [0.06, 0.06], rgb: patch.rgb });
      expect(after.objects).toEqual(scene.objects);
      expect(Math.max(...patch.rgb) - Math.min(...patch.rgb)).toBe(1);
      colours.add(`${patch.rgb}`);
    }
    expect(colours.size).toBeGreaterThan(3);
  });
});

describe('distractors', () => {
  test('are of kinds that were not there, clear of all else, after the objects of the task', () => {
    for (let seed = 0; seed < sweep(20, 200); seed++) {
      const { drawn, rng } = world(seed);
      const { scene, goal } = drawn;
      const more = addDistractors(scene, goal, task.spec, 'all', 4, rng.stream('distractors'));
      expect(more.objects.slice(0, scene.objects.length)).toEqual(scene.objects);
      const kinds = more.objects.map((o) => `${o.colour} ${o.class}`);
      expect(new Set(kinds).size, `seed ${seed}`).toBe(kinds.length);
      more.objects.forEach((a, i) => {
        for (const b of more.objects.slice(0, i)) {
          const [dx, dy] = [0, 1].map((k) => a.pose.position[k] - b.pose.position[k]);
          const gap = Math.hypot(dx, dy) - footprintRadius(a.shape) - footprintRadius(b.shape);
          expect(gap, `seed ${seed}`).toBeGreaterThan(0.034);
        }
      });
      expect(() => task.restore(more, goal)).not.toThrow();
    }
  });

  test('a task whose goal names no one object has none', () => {
    const { scene, goal } = createTask('sort').reset(createRng(1));
    const add = () => addDistractors(scene, goal, createTask('sort').spec, 'all', 1, createRng(2));
    expect(add).toThrow(/^disturbance distractors with task sort: pick-place/);
  });
});
