import { expect, test } from 'vitest';
import {
  ACTIONS,
  createRng,
  type GripperResult,
  InProcessBus,
  SimClock,
  secondsToStamp,
  type TrajectoryResult,
  type Vector3,
} from '../contracts/index.ts';
import { matrixFromQuaternion } from '../dynamics/index.ts';
import {
  freeSpots,
  Manipulation,
  MotionPlanner,
  type PickPlan,
  PickPlanner,
  planRegrasp,
  SIDE_TURNS,
  spread,
  TABLE_WORKCELL,
  type TableObject,
  type TaskEvent,
  type TaskRequest,
} from '../planning/index.ts';
import { loadRobot } from '../robots/index.ts';
import { PickPlaceTask, prepareEngine } from '../sim/index.ts';
import { SimCell } from './cell.ts';
import { createLog } from './log.ts';

const robot = loadRobot('panda');
const TARGET: Vector3 = [0.5, -0.16, 0];
const SIZE: Vector3 = [0.044, 0.048, 0.055];

/** A simulated cell with one box, which carries out plans request by request. */
class Rig {
  readonly cell: SimCell;
  private readonly bus = new InProcessBus();
  private readonly clock = new SimClock();

  constructor(yaw: number) {
    const { scene } = new PickPlaceTask().reset(createRng(1));
    const pose = {
      position: [0.5, 0.13, SIZE[2] / 2],
      orientation: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)],
    } as const;
    const box = { ...scene.objects[0], class: 'box', shape: { type: 'box', size: SIZE }, pose, mass_kg: 0.15 } as const;
    const context = { bus: this.bus, clock: this.clock, log: createLog('silent', {}) };
    this.cell = new SimCell(robot, { ...scene, objects: [box], zones: [] }, createRng(2), context, false);
    for (const node of this.cell.nodes) void node.configure(context);
    for (const node of this.cell.nodes) node.activate();
  }

  play(plans: readonly PickPlan[]): void {
    const arm = new Manipulation({ least_weight_N: 0 });
    for (const plan of plans) {
      const steps = arm.transport(plan);
      let next = steps.next();
      while (!next.done) next = steps.next(this.answer(next.value));
    }
    for (let k = 0; k < 250; k++) this.step();
  }

  /** World's axes of the box: columns. */
  get axes(): number[] {
    const state = new Float64Array(13);
    this.cell.engine.objectState(0, state, 0);
    return [...matrixFromQuaternion([state[3], state[4], state[5], state[6]])];
  }

  get place(): number[] {
    const state = new Float64Array(13);
    this.cell.engine.objectState(0, state, 0);
    return [...state.subarray(0, 3)];
  }

  private answer(request: TaskRequest): TaskEvent {
    const time_s = this.cell.time_s;
    if (request.kind === 'stage') return { kind: 'noted', time_s };
    if (request.kind === 'state') {
      const { q } = this.cell.engine;
      const finger_width_m = 2 * q[robot.gripper?.coordinate ?? 0];
      return { kind: 'state', time_s, q: q.slice(0, robot.arm_joints), finger_width_m, wrench: null };
    }
    if (request.kind === 'move') {
      if (request.grip !== undefined) throw new Error('fingers and arm one after the other here');
      const { ok, reason } = this.wait<TrajectoryResult>((done) =>
        this.bus.sendGoal(ACTIONS.follow_joint_trajectory, request, { onResult: (_, result) => done(result) }),
      );
      return { kind: 'moved', time_s: this.cell.time_s, ok, stopped_by_safety: false, reason };
    }
    if (request.kind !== 'grip') throw new Error(`not asked for: ${request.kind}`);
    const { width_m } = this.wait<GripperResult>((done) =>
      this.bus.sendGoal(ACTIONS.gripper, request, { onResult: (_, result) => done(result) }),
    );
    return { kind: 'gripped', time_s: this.cell.time_s, width_m };
  }

  private wait<T>(send: (done: (result: T) => void) => void): T {
    const ended: T[] = [];
    send((result) => ended.push(result));
    for (let k = 0; k < 5000 && ended.length === 0; k++) this.step();
    if (ended.length === 0) throw new Error('what was sent has not ended in 10 s');
    return ended[0];
  }

  private step(): void {
    this.cell.step();
    this.clock.advance(secondsToStamp(this.cell.time_s));
    this.cell.publish();
  }
}

test.each([
  [0, 1],
  [2, 1],
  [4, 2],
])(
  'a box comes to stand on another side as planned (turn %i, %i grasps)',
  async (k, grasps) => {
    await prepareEngine('cannon');
    const yaw = 0.3;
    const turn = SIDE_TURNS[k];
    const planner = new PickPlanner(new MotionPlanner(robot, TABLE_WORKCELL));
    const object: TableObject = {
      ...{ class: 'box', colour: 'red', shape: { type: 'box', size: SIZE }, yaw_rad: yaw },
      ...{ position: [0.5, 0.13, SIZE[2] / 2], seen: 3, score: 1 },
    };
    const region = { centre: [0.45, 0, 0], size: [0.2, 0.16] } as const;
    const planned = planRegrasp(
      planner,
      {
        ...{ start: robot.home_q.slice(0, robot.arm_joints), object, others: [], goal: { spots: [TARGET], turn } },
        between: (there) => spread(freeSpots(region, there, [object]), 3),
      },
      createRng(k),
    );
    if (!planned.ok) throw new Error(planned.reason);
    expect(planned.value).toHaveLength(grasps);
    const rig = new Rig(yaw);
    rig.play(planned.value);
    const R = rig.axes;
    for (const axis of [0, 1, 2])
      expect(R[6 + axis], `component ${axis} along the vertical`).toBeCloseTo(turn[6 + axis], 1);
    const [x, y, z] = rig.place;
    expect(Math.hypot(x - TARGET[0], y - TARGET[1])).toBeLessThan(0.015);
    expect(z).toBeCloseTo([SIZE[1], SIZE[1], SIZE[0], SIZE[0], SIZE[2]][k] / 2, 2);
    rig.cell.dispose();
  },
  120_000,
);
