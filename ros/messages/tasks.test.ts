import { describe, expect, it } from 'vitest';
import { InputError, type TaskGoal } from '../../contracts/index.ts';
import { RosCodec } from '../codec.ts';
import {
  inspectSurfaceGoalFromRos,
  pickPlaceGoalFromRos,
  taskGoalFromRos,
  taskGoalToRos,
  taskResultFromRos,
} from './tasks.ts';

const codec = new RosCodec('surepick_msgs/action/Task_Goal');
const goal = (fields: object) => () => taskGoalFromRos(codec.decode(codec.encode(fields)));

describe('tasks of others', () => {
  it('look at the fields of their own kind alone', () => {
    const bin = { centre: { x: 0.5, y: 0, z: 0 }, inner: { x: 0.3, y: 0.2, z: 0.1 } };
    const read: TaskGoal = goal({ task: 'clutter', object_class: 'mug', object_colour: 'gold', bin, tray: bin })();
    expect(read).toEqual({
      task: 'clutter',
      bin: { centre: [0.5, 0, 0], inner: [0.3, 0.2, 0.1] },
      tray: { centre: [0.5, 0, 0], inner: [0.3, 0.2, 0.1] },
    });
    expect(codec.decode(codec.encode(taskGoalToRos(read)))).toMatchObject({
      task: 'clutter',
      object_class: '',
      regions: [],
    });
  });

  it.each([
    [{ task: 'juggle' }, 'surepick_msgs/action/Task_Goal.task = "juggle"'],
    [{ task: 'pick-place', object_class: 'mug', object_colour: 'red' }, 'Task_Goal.object_class = "mug"'],
    [{ task: 'pick-place', object_class: 'box', object_colour: 'gold' }, 'Task_Goal.object_colour = "gold"'],
    [{ task: 'sort', regions: [{ object_class: 'mug' }] }, 'Task_Goal.regions[0].class = "mug"'],
    [{ task: 'inspect', good: { size_x: Number.NaN } }, 'Task_Goal.good.size_x = NaN: must be a finite number'],
  ])('name what is wrong: %j', (fields, expected) => {
    expect(goal(fields)).toThrow(InputError);
    expect(goal(fields)).toThrow(expected);
  });

  it('have an action of their own for picking and placing', () => {
    const target = { x: 0.5, y: 0.1, z: 0 };
    expect(pickPlaceGoalFromRos({ object_class: 'box', object_colour: 'red', target })).toEqual({
      object: { class: 'box', colour: 'red' },
      target: [0.5, 0.1, 0],
    });
    expect(() => pickPlaceGoalFromRos({ object_class: 'box', object_colour: '', target })).toThrow(
      'surepick_msgs/action/PickPlace_Goal.object_colour = ""',
    );
  });

  it('say what a stage did, and NaN for a cost that there is not', () => {
    const stage = {
      depth: 0,
      name: 'grasp',
      kind: 'generate',
      tried: 1,
      solutions: 0,
      best_cost: Number.NaN,
      failures: [],
    };
    const result = { success: false, stage: 'plan', reason: 'none', attempts: 1, plan_stages: [stage] };
    expect(taskResultFromRos(result).plan_stages).toEqual([{ ...stage, best_cost: null }]);
    const wrong = { ...result, plan_stages: [{ ...stage, kind: 'guess' }] };
    expect(() => taskResultFromRos(wrong)).toThrow(/plan_stages\[0\]\.kind = "guess"/);
  });

  it('inspect what has a size', () => {
    const pose = { position: { x: 0, y: 0, z: 0 }, orientation: { x: 0, y: 0, z: 0, w: 1 } };
    expect(() => inspectSurfaceGoalFromRos({ shape: 'box', size: { x: 0, y: 1, z: 1 }, pose })).toThrow(
      /size = "0 1 1"/,
    );
  });
});
