import { CollisionWorld } from '../../collision/index.ts';
import {
  ACTIONS,
  createRng,
  InProcessBus,
  type PickPlaceResult,
  type SafetyState,
  type SentGoal,
  SILENT_LOG,
  SimClock,
  secondsToStamp,
  TOPICS,
} from '../../contracts/index.ts';
import { PlanningNode, type PlanningNodeOptions } from '../../planning/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { BruteForce, type CellFaults, IdealCell, randomScene } from './planning_cell.ts';

const robot = loadRobot('panda');
const brute = new BruteForce(robot, new CollisionWorld(robot).checkedPairs());

const SAFE: SafetyState = {
  stamp_ns: 0n,
  mode: 'automatic',
  latched: false,
  reasons: [],
  stop_category: -1,
  drives_on: true,
  stop_time_s: 0.1,
  lease_valid: true,
  passed: 0,
  limited: 0,
  stopped: 0,
  degradation: 'none',
  pace: 1,
  separation_m: null,
  protective_distance_m: null,
};

/** The planning node on a bus with an ideal robot and detections at 10 Hz. */
export class PlanningRig {
  readonly bus = new InProcessBus({ validate: true });
  readonly clock = new SimClock();
  readonly cell: IdealCell;
  readonly node: PlanningNode;
  readonly stages: string[] = [];
  readonly moves: string[] = [];
  status = '';
  result: PickPlaceResult | null = null;
  frames = true;
  goal: SentGoal | null = null;
  /** Called when a move of this label begins; true leaves its answer to the test. */
  onMove: (label: string, end: (ok: boolean, reason: string) => void) => boolean = () => false;
  private canceled: (() => void) | null = null;

  constructor(seed: number, faults: CellFaults = {}, options: Partial<PlanningNodeOptions> = {}) {
    this.cell = new IdealCell(robot, randomScene(createRng(seed).stream('scene')), brute, createRng(seed), faults);
    this.node = new PlanningNode({ robot, rng: createRng(seed), ...options });
  }

  /** Brings everything up and sends the goal. */
  async start(): Promise<void> {
    await this.open();
    this.send();
  }

  /** Sends the scene's goal. */
  send(): void {
    this.goal = this.bus.sendGoal(ACTIONS.pick_place, this.cell.scene.goal, {
      onFeedback: ({ stage }) => this.stages.push(stage),
      onResult: (status, result) => {
        this.status = status;
        this.result = result;
      },
    });
  }

  /** Brings everything up, without a goal. */
  async open(): Promise<void> {
    const { bus, clock, cell, node } = this;
    await node.configure({ bus, clock, log: SILENT_LOG });
    node.activate();
    bus.serveAction(ACTIONS.follow_joint_trajectory, ({ label, trajectory }, handle) => {
      this.moves.push(label);
      let open = true;
      const end = (ok: boolean, reason: string): void => {
        if (!open) return;
        open = false;
        if (ok) handle.succeed({ ok, reason, final_error_rad: 0 });
        else handle.abort({ ok, reason, final_error_rad: 0 });
      };
      handle.onCancel(() => {
        this.canceled?.();
        end(false, 'canceled');
      });
      if (this.onMove(label, end)) return;
      const duration = trajectory.time_s[trajectory.time_s.length - 1];
      this.after(duration, () => {
        const event = cell.answer({ kind: 'move', label, trajectory });
        if (event.kind === 'moved') end(event.ok, event.reason);
      });
    });
    bus.serveAction(ACTIONS.gripper, (goal, handle) => {
      this.after(0.3, () => {
        const event = cell.answer({ kind: 'grip', ...goal });
        if (event.kind === 'gripped') handle.succeed({ width_m: event.width_m, stalled: true, reached: false });
      });
    });
    this.tick();
  }

  run(seconds: number): void {
    for (let k = 0; k < seconds * 100 && this.result === null; k++) {
      this.clock.advance(this.clock.now_ns() + secondsToStamp(0.01));
    }
  }

  publishSafety(part: Partial<SafetyState>): void {
    this.bus.publish(TOPICS.safety_state, { ...SAFE, ...part });
  }

  whenCanceled(callback: () => void): void {
    this.canceled = callback;
  }

  private tick(): void {
    const { bus, clock, cell } = this;
    const state = cell.answer({ kind: 'state' });
    if (state.kind === 'state') {
      const position = robot.home_q.slice();
      position.set(state.q);
      position[robot.arm_joints] = state.finger_width_m / 2;
      const zeros = new Float64Array(robot.model.nq);
      const names = robot.model.joint_names;
      bus.publish(TOPICS.joint_states, { stamp_ns: clock.now_ns(), names, position, velocity: zeros, effort: zeros });
    }
    if (this.frames) bus.publish(TOPICS.detections, { ...cell.look(), stamp_ns: clock.now_ns() });
    this.after(0.1, () => this.tick());
  }

  private after(seconds: number, callback: () => void): void {
    this.clock.schedule(this.clock.now_ns() + secondsToStamp(seconds), callback);
  }
}
