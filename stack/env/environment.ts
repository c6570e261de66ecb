import {
  type EpisodeStage,
  InProcessBus,
  type Rng,
  SILENT_LOG,
  SimClock,
  secondsToStamp,
} from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import {
  createTask,
  type DisturbanceHappened,
  InvalidStateError,
  openSecondWorld,
  type PhysicsEngine,
  parseDisturbances,
  type Randomization,
  type SceneObject,
  type SecondWorld,
  type Task,
  type TaskInstance,
} from '../../sim/index.ts';
import { SimCell } from '../cell.ts';
import { CONTROL_HZ } from '../rates.ts';
import { parseAround } from '../transfer/around.ts';
import { drawUnrecordedWorld } from '../world_record.ts';
import { type ActionMap, createActionMap } from './actions.ts';
import { DrivenCell, type EpisodeStatus, failed, RUNNING } from './driven_cell.ts';
import { createExpert, type Expert } from './expert/index.ts';
import type { FeatureObserver } from './feature_observer.ts';
import type { Feature } from './features.ts';
import { type ObservationLayout, proprioceptionLayout, stateLayout } from './layout.ts';
import type { EnvironmentOptions } from './options.ts';
import { createOutput, type EnvironmentOutput, type OutputSizes } from './output.ts';
import { tightenedEnvelope } from './tightened_envelope.ts';
import { ENVIRONMENT_CAMERAS, WorldCameras } from './world_cameras.ts';

/** What there is of a world between a reset and the next. */
interface World {
  readonly cell: SimCell;
  readonly clock: SimClock;
  readonly instance: TaskInstance;
  readonly driven: DrivenCell;
  readonly expert: Expert | null;
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
    if (options.disturb !== null) parseDisturbances(options.disturb);
    if (options.around !== null) parseAround(options.around, robot);
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

  /** What has befallen the episode so far, of what was asked for. */
  get disturbed(): readonly DisturbanceHappened[] {
    return this.world?.cell.disturber.happened ?? [];
  }

  /** The world as it is, for those who judge or draw it; null before the first reset. */
  get engine(): PhysicsEngine | null {
    return this.world?.cell.engine ?? null;
  }

  /** Draws the world of an episode, the same as `surepick sim --seed` plays under this number, and lets one period pass. */
  reset(seed: number, episode: number): void {
    const { options, robot, task } = this;
    this.close();
    const { randomize, objects, disturb, around } = options;
    const wanted = { ...(disturb === null ? {} : { disturb }), ...(around === null ? {} : { around }) };
    const drawing = { task: task.name, seed, randomize, objects, ...wanted };
    const { instance, randomization, rng } = drawUnrecordedWorld(drawing, episode, robot);
    const clock = new SimClock();
    const context = { bus: new InProcessBus(), clock, log: SILENT_LOG };
    const cell = new SimCell(robot, instance.scene, rng, context, false, options.engine, randomization, null, {
      second_world: this.second,
      envelope: tightenedEnvelope(robot, options.limits),
    });
    const driven = new DrivenCell({
      ...{ robot, cell, instance, time_limit_s: task.time_limit_s },
      ...{ actions: this.actions, layout: this.layout, sees: options.observation },
    });
    const period_s = 1 / options.policy_hz;
    const expert = this.has_expert
      ? createExpert({
          robot,
          engine: driven.told,
          scene: instance.scene,
          goal: instance.goal,
          observer: driven.observer,
          target: driven.servo.target,
          action: options.action,
          period_s,
        })
      : null;
    const cameras = options.observation === 'rgbd' ? this.createCameras(instance, randomization, rng) : null;
    for (const node of cell.nodes) {
      // Nothing in it waits: an episode of its own bus has nobody to wait for.
      void node.configure(context);
      node.activate();
    }
    this.world = { cell, clock, instance, driven, expert, cameras, randomization, rng };
    this.reward = 0;
    this.status = RUNNING;
    // Until the supervisor's first grant the gate allows no motion.
    this.advance(this.world);
    this.observe(this.world);
  }

  /** One step of the environment with the action at `offset` (−1..1 each, finite). */
  step(action: ArrayLike<number>, offset = 0): void {
    const { world } = this;
    if (world === null) throw new Error('Environment.step before reset');
    const { driven, instance } = world;
    driven.act(action, offset);
    try {
      this.advance(world);
    } catch (error) {
      if (!(error instanceof InvalidStateError)) throw error;
      // The state cannot be told: the last observation stands, and the episode counts for nothing.
      this.reward = 0;
      this.status = failed('invalid', error.message);
      return;
    }
    this.observe(world);
    const success = driven.judge();
    this.reward = this.options.reward === 'sparse' ? Number(success) : instance.reward(driven.view);
    this.status = driven.status;
  }

  /** Features of the present world, to be written from the observation vector; to be asked for after every reset. */
  features(wanted: readonly Feature[]): FeatureObserver {
    if (this.world === null) throw new Error('Environment.features before reset');
    return this.world.driven.features(wanted);
  }

  /** How far the handling of any object has come at the moment. */
  get furthest_stage(): EpisodeStage {
    return this.world?.driven.furthest_stage ?? 'approach';
  }

  /** Colour picture of the overview camera, RGB, for people; overwritten by the next. */
  render(): Uint8Array {
    const { world, options } = this;
    if (world === null) throw new Error('Environment.render before reset');
    world.cameras ??= this.createCameras(world.instance, world.randomization, world.rng);
    return world.cameras.show(world.cell.engine, { width: options.render_width, height: options.render_height });
  }

  /** What every pixel of the pictures shows, by label (`LABEL`); the objects of the world, for which the labels count. */
  labels(out: Uint16Array): readonly SceneObject[] {
    const { world } = this;
    if (world === null || !this.has_pictures) throw new Error('Environment.labels before reset, or without pictures');
    world.cameras?.label(world.cell.engine, out);
    return world.instance.scene.objects;
  }

  /** Gives back what the world holds; a reset makes another. */
  close(): void {
    for (const node of this.world?.cell.nodes ?? []) node.deactivate();
    this.world?.cell.dispose();
    this.world = null;
  }

  private createCameras({ scene }: TaskInstance, randomization: Randomization, rng: Rng): WorldCameras {
    const { observation, image_width: width, image_height: height } = this.options;
    const seeing = observation === 'rgbd' ? { width, height } : null;
    return new WorldCameras(scene, this.robot, seeing, randomization, rng.stream('cameras'), this.second);
  }

  /** One period of cycles, each with all that watches the arm as in an episode: safety's monitors listen on the bus. */
  private advance({ cell, clock }: World): void {
    for (let k = 0; k < this.cycles; k++) {
      cell.step();
      clock.advance(secondsToStamp(cell.time_s));
      cell.publish();
    }
  }

  private observe({ cell, driven, expert, cameras }: World): void {
    const { output } = this;
    driven.look();
    expert?.update();
    if (expert !== null) output.expert_action.set(expert.action);
    driven.write(output.vector);
    if (this.has_pictures) cameras?.capture(cell.engine, output.rgb, output.depth);
  }
}
