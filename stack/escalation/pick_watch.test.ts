import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { type PhysicsEngine, PickPlaceTask, SortTask, type TaskInstance, type TaskView } from '../../sim/index.ts';
import { PickWatch } from './pick_watch.ts';

/** The world with one object at the tool, 0.2 m over the table, or put down somewhere. */
function viewOf({ scene }: Pick<TaskInstance, 'scene'>, at: number, place?: readonly number[]): TaskView {
  const tool = [0.5, 0, 0.25] as const;
  const engine = {
    objectState: (i: number, out: Float64Array, offset: number) => {
      const { position } = scene.objects[i].pose;
      out.fill(0, offset, offset + 13).set(i === at ? (place ?? [0.5, 0, 0.24]) : position, offset);
    },
  } as unknown as PhysicsEngine;
  return { engine, time_s: 1, gripper_width_m: 0.04, tool_position: tool };
}

describe('wrong picks', () => {
  it('of one object are those in which another is carried off', () => {
    for (let seed = 0; seed < 20; seed++) {
      const instance = new PickPlaceTask().reset(createRng(seed).stream('pick'));
      const { scene, goal } = instance;
      for (const [i, { class: name, colour }] of scene.objects.entries()) {
        const watch = new PickWatch(instance);
        for (const stage of ['perceive', 'plan', 'approach', 'grasp', 'lift', 'transfer', 'place', 'retreat'])
          watch.enter(stage, viewOf(instance, i));
        const wanted = name === goal.object.class && colour === goal.object.colour;
        expect(watch.wrongPicks({}), `seed ${seed}, object ${i}`).toBe(wanted ? 0 : 1);
      }
      const missed = new PickWatch(instance);
      for (const stage of ['lift', 'transfer', 'perceive']) missed.enter(stage, viewOf(instance, -1));
      expect(missed.wrongPicks({}), `seed ${seed}`).toBe(0);
    }
  });

  it('of sorting are those put down where another class belongs', () => {
    const instance = new SortTask().reset(createRng(1).stream('sort'));
    const { scene, goal } = instance;
    for (const [i, object] of scene.objects.entries()) {
      for (const { class: name, region } of goal.regions) {
        const watch = new PickWatch(instance);
        watch.enter('transfer', viewOf(instance, i));
        watch.enter('place', viewOf(instance, i));
        watch.enter('retreat', viewOf(instance, i, [region.centre[0], region.centre[1], 0.02]));
        watch.enter('retreat', viewOf(instance, i, [region.centre[0], region.centre[1], 0.02]));
        expect(watch.wrongPicks({}), `${object.class} to ${name}`).toBe(name === object.class ? 0 : 1);
      }
    }
  });

  it('of inspecting are the wrong verdicts that its judge found', () => {
    const { scene } = new SortTask().reset(createRng(1).stream('sort'));
    const region = { centre: [0, 0, 0], size: [1, 1] } as const;
    const goal = { task: 'inspect', good: region, defective: region, unsure: region } as const;
    expect(new PickWatch({ scene, goal }).wrongPicks({ measures: { wrong: 2 } })).toBe(2);
  });
});
