import type { EpisodeStage, Vector3 } from '../../contracts/index.ts';
import { TargetServo } from '../../control/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { PhysicsEngine, TaskInstance, TaskView } from '../../sim/index.ts';
import type { SimCell } from '../cell.ts';
import { CONTROL_HZ } from '../rates.ts';
import type { ActionMap } from './actions.ts';
import { HandlingStages } from './failure_stage.ts';
import { FeatureObserver } from './feature_observer.ts';
import type { Feature } from './features.ts';
import type { ObservationLayout } from './layout.ts';
import { overTable } from './over_table.ts';
import { StateObserver } from './state_observer.ts';

/** Force of each finger, N. */
export const GRIP_FORCE_N = 35;
/** An object this far below the table's top has fallen off, m. */
const FALLEN_M = 0.1;

/** How an episode stands after a step. `failed_stage` is empty until it has failed. */
export interface EpisodeStatus {
  readonly terminated: boolean;
  readonly truncated: boolean;
  readonly success: boolean;
  readonly failed_stage: EpisodeStage | '';
  readonly reason: string;
}

export const RUNNING: EpisodeStatus = {
  ...{ terminated: false, truncated: false, success: false },
  ...{ failed_stage: '', reason: '' },
};
const SUCCEEDED: EpisodeStatus = { ...RUNNING, terminated: true, success: true };
const TIMED_OUT: EpisodeStatus = { ...RUNNING, truncated: true, failed_stage: 'timeout', reason: 'time is over' };

export function failed(stage: EpisodeStage, reason: string): EpisodeStatus {
  return { ...RUNNING, terminated: true, failed_stage: stage, reason };
}

export interface DrivenCellParts {
  readonly robot: Robot;
  readonly cell: SimCell;
  readonly instance: TaskInstance;
  readonly time_limit_s: number;
  readonly actions: ActionMap;
  /** Of what `write` writes. */
  readonly layout: ObservationLayout;
  readonly sees: 'state' | 'rgbd';
  /** Time of the task (s), where it does not begin with the cell, whose arm may then be anywhere. */
  readonly time_s?: () => number;
}

/**
 * A cell that actions drive: moves the arm by them, tells what there is to see, and judges how the task stands. Who steps
 * the cell, and when, is another's affair.
 */
export class DrivenCell {
  readonly servo: TargetServo;
  readonly observer: StateObserver;
  /** The world as those are told it who are told where objects are: heights are over the table. */
  readonly told: PhysicsEngine;
  status: EpisodeStatus = RUNNING;
  private readonly parts: DrivenCellParts;
  private readonly handling: HandlingStages;
  private readonly world: WorldView;
  private readonly state = new Float64Array(13);

  /** Takes the place of whatever commands the cell's arm. */
  constructor(parts: DrivenCellParts) {
    const { robot, cell, instance, actions, layout } = parts;
    this.parts = parts;
    this.servo = new TargetServo(robot, CONTROL_HZ);
    this.told = overTable(cell.told, instance.scene);
    this.observer = new StateObserver(robot, this.told, instance.scene, instance.goal, layout);
    this.world = new WorldView(cell.engine, robot);
    this.handling = new HandlingStages(cell.engine);
    cell.loop.source = this.servo;
    if (parts.time_s === undefined) actions.reset(this.servo.target);
    else this.begin();
  }

  /** Moves on from where the arm was last sent: where it is now, or comes to rest. */
  begin(): void {
    const { cell, actions } = this.parts;
    this.servo.target.set(cell.gate.lastCommand.position);
    actions.reset(this.servo.target);
    this.servo.retarget();
  }

  /** Of what `write` writes. */
  get layout(): ObservationLayout {
    return this.parts.layout;
  }

  /** What the task's judge sees, as of the last `look`. */
  get view(): TaskView {
    return this.world;
  }

  /** Features of this cell, to be written from what `write` gives. */
  features(wanted: readonly Feature[]): FeatureObserver {
    const { robot, instance, layout, actions } = this.parts;
    const { scene, goal } = instance;
    const { tool } = this.observer;
    const { target } = this.servo;
    const world = { robot, engine: this.told, scene, goal, layout, tool, target, action: actions.names.length };
    return new FeatureObserver(world, wanted);
  }

  /** Moves the targets of arm and fingers on by the action at `offset` (−1..1 each, finite). */
  act(action: ArrayLike<number>, offset = 0): void {
    const { robot, cell, actions } = this.parts;
    actions.apply(action, offset, cell.gate.lastCommand.position, this.servo.target);
    this.servo.retarget();
    if (robot.gripper === null) return;
    const opening = (1 + Math.min(1, Math.max(-1, action[offset + actions.names.length - 1]))) / 2;
    cell.loop.gripper?.start(opening * robot.gripper.max_width_m, GRIP_FORCE_N);
  }

  /** Once a step, before the others: where the tool is now. */
  look(): void {
    const { cell } = this.parts;
    this.observer.update(cell.engine.q, cell.engine.v);
    this.world.look(this.time_s, this.observer.tool);
  }

  /** The observation vector from `offset` on. Beside pictures nothing is told but what the robot's own sensors say. */
  write(out: Float32Array, offset = 0): void {
    const { cell, sees, time_limit_s } = this.parts;
    const { loop, engine } = cell;
    const time_left = Math.max(0, 1 - this.time_s / time_limit_s);
    const readings = { target: this.servo.target, wrench: loop.state.wrench, time_left };
    if (sees === 'state') {
      this.observer.writeState({ ...readings, position: engine.q, velocity: engine.v }, out, offset);
      return;
    }
    const { position, velocity } = loop.state;
    this.observer.update(position, velocity);
    this.observer.writeProprioception({ ...readings, position, velocity }, out, offset);
  }

  /** How the task stands after a step; whether it is done. */
  judge(): boolean {
    const { cell, instance, time_limit_s } = this.parts;
    const { handling } = this;
    handling.update(this.world.gripper_speed_m_s);
    const { success } = instance.evaluate(this.world);
    if (success) this.status = SUCCEEDED;
    else if (cell.gate.latched || cell.gate.mode === 'fault') {
      this.status = failed('safety', `the safety gate stopped the arm (${cell.stopped})`);
    } else {
      const fallen = this.fallen(cell.engine);
      if (fallen >= 0) {
        const { name } = instance.scene.objects[fallen];
        this.status = failed(handling.stageOf(fallen), `${name} fell off the table`);
      } else if (this.time_s > time_limit_s - 0.5 / CONTROL_HZ) this.status = TIMED_OUT;
      else this.status = RUNNING;
    }
    return success;
  }

  /** How far the handling of any object has come at the moment. */
  get furthest_stage(): EpisodeStage {
    return this.handling.furthest;
  }

  private get time_s(): number {
    const { cell, time_s } = this.parts;
    return time_s === undefined ? cell.time_s : time_s();
  }

  /** Index of an object that has fallen off the table, −1 if there is none. */
  private fallen(engine: PhysicsEngine): number {
    for (let i = 0; i < engine.object_count; i++) {
      engine.objectState(i, this.state, 0);
      if (this.state[2] < -FALLEN_M) return i;
    }
    return -1;
  }
}

/** The world as a task judges it. */
class WorldView implements TaskView {
  readonly engine: PhysicsEngine;
  time_s = 0;
  gripper_width_m = 0;
  /** Positive when the fingers part. */
  gripper_speed_m_s = 0;
  tool_position: Vector3 = [0, 0, 0];
  private readonly finger: number;

  constructor(engine: PhysicsEngine, robot: Robot) {
    this.engine = engine;
    this.finger = robot.gripper?.coordinate ?? -1;
  }

  look(time_s: number, tool: Float64Array): void {
    this.time_s = time_s;
    this.gripper_width_m = this.finger < 0 ? 0 : 2 * this.engine.q[this.finger];
    this.gripper_speed_m_s = this.finger < 0 ? 0 : 2 * this.engine.v[this.finger];
    this.tool_position = [tool[9], tool[10], tool[11]];
  }
}
