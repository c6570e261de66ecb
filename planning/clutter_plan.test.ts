import { describe, expect, test } from 'vitest';
import { createRng, type Detection, type Detections, type PickPlaceResult, type Vector3 } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { ClutterTask, type SceneObject } from '../sim/index.ts';
import type { ClutterGoal } from './clutter_plan.ts';
import { MotionPlanner } from './motion_planner.ts';
import { PickPlanner } from './pick_planner.ts';
import type { TaskEvent, TaskRequest } from './requests.ts';
import { startTask } from './start_task.ts';
import { furnished, TABLE_WORKCELL } from './workcell.ts';

const robot = loadRobot('panda');

function asDetection({ class: kind, colour, shape, pose }: SceneObject, id: number): Detection {
  if (shape.type === 'mesh') throw new TypeError('no meshes here');
  const covariance = Array.from({ length: 36 }, () => 0);
  return { id, class: kind, colour, score: 1, pose, shape, covariance, image_box: [0, 0, 0, 0], pixels: 0 };
}

const GHOST: SceneObject = {
  ...{ name: 'ghost', class: 'box', colour: 'blue', mass_kg: 0.1, friction: 0.5, rgb: [0, 0, 1] },
  ...{
    shape: { type: 'box', size: [0.2, 0.1, 0.03] },
    pose: { position: [0.52, 0.16, 0.02], orientation: [0, 0, 0, 1] },
  },
};

/** A robot that does all it is asked; the object nearest to where the fingers close leaves the bin. */
class Bin {
  readonly left: SceneObject[];
  readonly moves: string[] = [];
  /** Pictures shown so far, and grasps that close on nothing, by number from 1. */
  looks = 0;
  grasps = 0;
  private readonly planner: PickPlanner;
  private readonly miss: readonly number[];
  private q: Float64Array;
  private width_m = 0.08;
  /** Pictures still to come of an empty bin that show what is not there and could not be taken. */
  ghosts = 0;

  constructor(planner: PickPlanner, objects: readonly SceneObject[], miss: readonly number[] = []) {
    this.planner = planner;
    this.left = [...objects];
    this.miss = miss;
    this.q = robot.home_q.slice(0, robot.arm_joints);
  }

  answer(request: TaskRequest): TaskEvent {
    const time_s = 0;
    switch (request.kind) {
      case 'stage':
        return { kind: 'noted', time_s };
      case 'state':
        return { kind: 'state', time_s, q: this.q, finger_width_m: this.width_m, wrench: null };
      case 'detect_inside':
        this.looks++;
        return { kind: 'detections', time_s, detections: this.seen() };
      case 'move':
        this.moves.push(request.label);
        this.q = request.trajectory.position.slice(-robot.arm_joints);
        if (request.grip !== undefined) this.width_m = request.grip.width_m;
        return { kind: 'moved', time_s, ok: true, stopped_by_safety: false, reason: '', width_m: this.width_m };
      case 'grip':
        this.width_m = request.width_m > 0 ? request.width_m : this.close();
        return { kind: 'gripped', time_s, width_m: this.width_m };
      default:
        throw new Error(`a bin is not asked for '${request.kind}'`);
    }
  }

  private close(): number {
    if (this.miss.includes(++this.grasps)) return 0;
    const T = this.planner.motion.toolPose(this.q);
    const off = ({ pose }: SceneObject): number => Math.hypot(pose.position[0] - T[9], pose.position[1] - T[10]);
    this.left.sort((a, b) => off(a) - off(b));
    const taken = this.left.shift();
    return taken?.shape.type === 'box' ? Math.min(...taken.shape.size) : 0.03;
  }

  private seen(): Detections {
    const detections = this.left.map(asDetection);
    if (detections.length === 0 && this.ghosts-- > 0) detections.push(asDetection(GHOST, 0));
    return {
      stamp_ns: 0n,
      frame_id: 'world',
      request_id: '',
      source: 'state',
      degraded_reason: '',
      model: '',
      detections,
    };
  }
}

function play(
  seed: number,
  miss: readonly number[] = [],
  change: (goal: ClutterGoal) => ClutterGoal = (goal) => goal,
  ghosts = 0,
) {
  const { scene, goal: drawn } = new ClutterTask().reset(createRng(seed));
  const goal = change(drawn);
  const planner = new PickPlanner(new MotionPlanner(robot, furnished(TABLE_WORKCELL, goal)));
  const bin = new Bin(planner, ghosts > 0 ? [] : scene.objects, miss);
  bin.ghosts = ghosts;
  const task = startTask(goal, planner, createRng(seed));
  let step = task.next();
  while (!step.done) step = task.next(bin.answer(step.value));
  const outcome: PickPlaceResult = step.value;
  return { bin, outcome, count: scene.objects.length };
}

describe('emptying a bin', () => {
  test('takes every object once, looks from above between, and ends when the bin looks empty twice', () => {
    const { bin, outcome, count } = play(3);
    expect(outcome).toEqual({ ok: true, stage: 'retreat', reason: '', attempts: count + 1 });
    expect(bin.left).toEqual([]);
    expect(bin.grasps).toBe(count);
    expect(bin.looks).toBe(3 * count + 2);
    expect(bin.moves.slice(0, 8)).toEqual([
      'view',
      'approach',
      'descend',
      'lift',
      'transfer',
      'place',
      'retreat',
      'home',
    ]);
    expect(bin.moves.filter((label) => label === 'view')).toEqual(['view']);
  });

  test('missed grasps are tried again, until six in a row fail', () => {
    const once = play(5, [1, 3]);
    expect(once.outcome).toMatchObject({ ok: true, attempts: once.count + 3 });
    const never = play(5, [1, 2, 3, 4, 5, 6]);
    expect(never.outcome).toMatchObject({ ok: false, stage: 'grasp', attempts: 6 });
    expect(never.outcome.reason).toMatch(/^missed the object: /);
  });

  test('what one look shows and cannot be taken is looked at again, once', () => {
    expect(play(3, [], undefined, 3).outcome).toMatchObject({ ok: true, attempts: 2 });
    const { outcome } = play(3, [], undefined, 6);
    expect(outcome).toMatchObject({ ok: false, stage: 'plan', attempts: 2 });
    expect(outcome.reason).toMatch(/^blue box: grasps: no side of the box fits between the fingers/);
  });

  test('a bin or a tray out of reach is said to be', () => {
    const far: Vector3 = [1.5, 0, 0.004];
    const bin = play(3, [], (goal) => ({ ...goal, bin: { ...goal.bin, centre: far } })).outcome;
    expect(bin).toMatchObject({ ok: false, stage: 'plan', attempts: 0 });
    expect(bin.reason).toContain('cannot be brought over the bin');
    const tray = play(3, [], (goal) => ({ ...goal, tray: { ...goal.tray, centre: far } })).outcome;
    expect(tray).toMatchObject({ ok: false, stage: 'plan', attempts: 2 });
    expect(tray.reason).toContain('cannot be brought to the target within the joint limits');
  });
});
