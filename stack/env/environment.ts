import {
  type EpisodeStage,
  InProcessBus,
  type Rng,
  SILENT_LOG,
  SimClock,
  type Vector3,
} from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import {
  createTask,
  InvalidStateError,
  openSecondWorld,
  type PhysicsEngine,
  type Randomization,
  type SecondWorld,
  type Task,
  type TaskInstance,
  type TaskView,
} from '../../sim/index.ts';
import { SimCell } from '../cell.ts';
import { CONTROL_HZ } from '../rates.ts';
import { drawUnrecordedWorld } from '../world_record.ts';
import { type ActionMap, createActionMap } from './actions.ts';
import { createExpert, type Expert } from './expert/index.ts';
import { HandlingStages } from './failure_stage.ts';
import { type ObservationLayout, proprioceptionLayout, stateLayout } from './layout.ts';
import type { EnvironmentOptions } from './options.ts';
import { createOutput, type EnvironmentOutput, type OutputSizes } from './output.ts';
import { StateObserver } from './state_observer.ts';
import { TargetServo } from './target_servo.ts';
import { ENVIRONMENT_CAMERAS, WorldCameras } from './world_cameras.ts';

/** Force of each finger, N. */
const GRIP_FORCE_N = 35;
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

/** What there is of a world between a reset and the next. */
interface World {
  readonly cell: SimCell;
  readonly instance: TaskInstance;
  readonly observer: StateObserver;
  readonly servo: TargetServo;
  readonly expert: Expert | null;
  readonly view: WorldView;
  readonly handling: HandlingStages;
  readonly randomization: Randomization;
  readonly rng: Rng;
  cameras: WorldCameras | null;
}

/**
 * A task as an environment of reinforcement learning: actions in, observations and rewards out, over the same cell as
 * episodes: physics, arm, control loop and safety gate. Equal options, seed, episode and actions give equal bytes. The
 * observation is written into `output`, which the next call overwrites.
 */
export class Environment {
  readonly options: EnvironmentOptions;
  readonly layout: ObservationLayout;
  readonly action_names: readonly string[];
  readonly has_expert: boolean;
  readonly has_pictures: boolean;
  readonly sizes: OutputSizes;
  /** Where observations and the expert's action are written; the owner may put other arrays of the same sizes here. */
  output: EnvironmentOutput;
  reward = 0;
  status: EpisodeStatus = RUNNING;
  private readonly robot: Robot;
  private readonly task: Task;
  private readonly actions: ActionMap;
  private readonly cycles: number;
  private readonly second: SecondWorld | null;
  private world: World | null = null;

  constructor(options: EnvironmentOptions, robot: Robot) {
    const period_s = 1 / options.policy_hz;
    this.options = options;
    this.robot = robot;
    this.second = options.second_world === null ? null : openSecondWorld(options.second_world);
    this.task = createTask(options.task);
    this.cycles = CONTROL_HZ / options.policy_hz;
    this.actions = createActionMap(options.action, robot, period_s);
    this.action_names = this.actions.names;
    this.has_expert = options.expert;
    this.layout =
      options.observation === 'state'
        ? stateLayout(robot, options.task, this.task.spec.objects[1])
        : proprioceptionLayout(robot, options.task);
    this.has_pictures = options.observation === 'rgbd';
    this.sizes = {
      vector: this.layout.size,
      pixels: this.has_pictures ? ENVIRONMENT_CAMERAS.length * options.image_width * options.image_height : 0,
      action: this.actions.names.length,
    };
    this.output = createOutput(this.sizes);
  }

  /** Steps of the environment until its time is over; the reset takes one period of it. */
  get step_limit(): number {
    return Math.round(this.task.time_limit_s * this.options.policy_hz) - 1;
  }

  get time_s(): number {
    return this.world?.cell.time_s ?? 0;
  }

  /** Events so far in which the gate limited or stopped a command. */
  get interventions(): number {
    return this.world?.cell.gate.interventions.count ?? 0;
  }

  /** The world as it is, for those who judge or draw it; null before the first reset. */
  get engine(): PhysicsEngine | null {
    return this.world?.cell.engine ?? null;
  }

  /** Draws the world of an episode, the same as `surepick sim --seed` plays under this number, and lets one period pass. */
  reset(seed: number, episode: number): void {
    const { options, robot, task } = this;
    this.close();
    const drawing = { task: task.name, seed, randomize: options.randomize, objects: options.objects };
    const { instance, randomization, rng } = drawUnrecordedWorld(drawing, episode, robot);
    const context = { bus: new InProcessBus(), clock: new SimClock(), log: SILENT_LOG };
    const cell = new SimCell(robot, instance.scene, rng, context, false, options.engine, randomization, null, {
      second_world: this.second,
    });
    const { engine, told } = cell;
    const servo = new TargetServo(robot, CONTROL_HZ);
    const observer = new StateObserver(robot, told, instance.scene, instance.goal, this.layout);
    const period_s = 1 / options.policy_hz;
    const expert = this.has_expert
      ? createExpert({
          robot,
          engine: told,
          scene: instance.scene,
          goal: instance.goal,
          observer,
          target: servo.target,
          action: options.action,
          period_s,
        })
      : null;
    const cameras = options.observation === 'rgbd' ? this.createCameras(instance, randomization, rng) : null;
    const view = new WorldView(engine, robot);
    const handling = new HandlingStages(engine);
    this.world = { cell, instance, observer, servo, expert, cameras, view, handling, randomization, rng };
    cell.loop.source = servo;
    this.actions.reset(servo.target);
    this.reward = 0;
    this.status = RUNNING;
    // Until the supervisor's first grant the gate allows no motion.
    for (let k = 0; k < this.cycles; k++) cell.step();
    this.observe(this.world);
  }

  /** One step of the environment with the action at `offset` (−1..1 each, finite). */
  step(action: ArrayLike<number>, offset = 0): void {
    const { world, robot } = this;
    if (world === null) throw new Error('Environment.step before reset');
    const { cell, servo } = world;
    this.actions.apply(action, offset, cell.gate.lastCommand.position, servo.target);
    servo.retarget();
    if (robot.gripper !== null) {
      const opening = (1 + Math.min(1, Math.max(-1, action[offset + this.action_names.length - 1]))) / 2;
      cell.loop.gripper?.start(opening * robot.gripper.max_width_m, GRIP_FORCE_N);
    }
    try {
      for (let k = 0; k < this.cycles; k++) cell.step();
    } catch (error) {
      if (!(error instanceof InvalidStateError)) throw error;
      // The state cannot be told: the last observation stands, and the episode counts for nothing.
      this.reward = 0;
      this.status = failed('invalid', error.message);
      return;
    }
    this.observe(world);
    world.handling.update(world.view.gripper_speed_m_s);
    this.judge(world);
  }

  /** Colour picture of the overview camera, RGB, for people; overwritten by the next. */
  render(): Uint8Array {
    const { world, options } = this;
    if (world === null) throw new Error('Environment.render before reset');
    world.cameras ??= this.createCameras(world.instance, world.randomization, world.rng);
    return world.cameras.show(world.cell.engine, { width: options.render_width, height: options.render_height });
  }

  /** Gives back what the world holds; a reset makes another. */
  close(): void {
    this.world?.cell.dispose();
    this.world = null;
  }

  private createCameras({ scene }: TaskInstance, randomization: Randomization, rng: Rng): WorldCameras {
    const { observation, image_width: width, image_height: height } = this.options;
    const seeing = observation === 'rgbd' ? { width, height } : null;
    return new WorldCameras(scene, this.robot, seeing, randomization, rng.stream('cameras'), this.second);
  }

  private observe({ cell, servo, observer, expert, cameras, view }: World): void {
    const { engine, loop } = cell;
    const { output } = this;
    const time_left = Math.max(0, 1 - cell.time_s / this.task.time_limit_s);
    const readings = { target: servo.target, wrench: loop.state.wrench, time_left };
    observer.update(engine.q, engine.v);
    view.look(cell.time_s, observer.tool);
    expert?.update();
    if (expert !== null) output.expert_action.set(expert.action);
    if (cameras === null || !this.has_pictures) {
      observer.writeState({ ...readings, position: engine.q, velocity: engine.v }, output.vector, 0);
      return;
    }
    // Beside pictures nothing is told but what the robot's own sensors say.
    const { position, velocity } = loop.state;
    observer.update(position, velocity);
    observer.writeProprioception({ ...readings, position, velocity }, output.vector, 0);
    cameras.capture(engine, output.rgb, output.depth);
  }

  private judge({ cell, instance, view, handling }: World): void {
    const evaluation = instance.evaluate(view);
    this.reward = this.options.reward === 'sparse' ? Number(evaluation.success) : instance.reward(view);
    if (evaluation.success) this.status = SUCCEEDED;
    else if (cell.gate.latched || cell.gate.mode === 'fault') {
      this.status = failed('safety', `the safety gate stopped the arm (${cell.gate.mode})`);
    } else {
      const fallen = this.fallen(cell.engine);
      if (fallen >= 0) {
        const { name } = instance.scene.objects[fallen];
        this.status = failed(handling.stageOf(fallen), `${name} fell off the table`);
      } else if (cell.time_s > this.task.time_limit_s - 0.5 / CONTROL_HZ) this.status = TIMED_OUT;
      else this.status = RUNNING;
    }
  }

  private readonly state = new Float64Array(13);

  /** Index of an object that has fallen off the table, −1 if there is none. */
  private fallen(engine: PhysicsEngine): number {
    for (let i = 0; i < engine.object_count; i++) {
      engine.objectState(i, this.state, 0);
      if (this.state[2] < -FALLEN_M) return i;
    }
    return -1;
  }
}

const RUNNING: EpisodeStatus = { terminated: false, truncated: false, success: false, failed_stage: '', reason: '' };
const SUCCEEDED: EpisodeStatus = { ...RUNNING, terminated: true, success: true };
const TIMED_OUT: EpisodeStatus = { ...RUNNING, truncated: true, failed_stage: 'timeout', reason: 'time is over' };

function failed(stage: EpisodeStage, reason: string): EpisodeStatus {
  return { ...RUNNING, terminated: true, failed_stage: stage, reason };
}

/** The world as a task judges it, kept up by the environment. */
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
