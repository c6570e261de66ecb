import type { Rng } from '../../contracts/index.ts';
import type { RobotState } from '../../control/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { ChannelReader, ChannelWriter } from '../../runtime/index.ts';
import type { PhysicsEngine, Randomization, SceneModel, SceneObject } from '../../sim/index.ts';
import { createPlant, type Plant } from '../plant.ts';
import { CONTROL_HZ, DT_S, JOINT_STATES_HZ } from '../rates.ts';
import { drawUnrecordedWorld } from '../world_record.ts';
import { ChannelArm } from './channel_arm.ts';
import type { LiveCellOptions } from './options.ts';

const CHECK_EVERY = CONTROL_HZ / JOINT_STATES_HZ;
const STATE_SIZE = 13;

/** What of a world begins anew. `state`: everything stands where it began. `all`: as if it were drawn again. */
export interface Restart {
  readonly time: boolean;
  readonly state: boolean;
  readonly spawned: boolean;
  readonly all: boolean;
}

/**
 * A simulated cell whose arm hangs on command and state channels: physics, actuators, sensors and disturbances, in steps
 * of DT_S. Knows no clock; the same steps, requests and commands give the same bytes.
 */
export class LiveWorld {
  readonly robot: Robot;
  readonly arm: ChannelArm;
  readonly variation: Randomization;
  readonly rng: Rng;
  /** Since time began. */
  steps = 0;
  /** The arm as its sensors showed it after the last step. */
  state: RobotState;
  private readonly options: LiveCellOptions;
  private readonly first: SceneModel;
  private readonly spawned = new Set<string>();
  /** Objects with the poses they began at. */
  private present: SceneModel;
  private plant: Plant;
  private builds = 0;

  /** The engine must be prepared. Throws InputError or InvalidStateError for a world that cannot be. */
  constructor(robot: Robot, options: LiveCellOptions, commands: ChannelReader, states: ChannelWriter) {
    const { instance, randomization, rng } = drawUnrecordedWorld(options, options.episode, robot);
    this.robot = robot;
    this.options = options;
    this.variation = randomization;
    this.rng = rng;
    this.first = instance.scene;
    this.present = this.first;
    this.plant = this.build(this.first, null);
    this.arm = new ChannelArm(robot, CONTROL_HZ, commands, states, this.plant.latency_cycles);
    this.state = this.plant.driver.read();
  }

  get time_s(): number {
    return this.steps * DT_S;
  }

  get engine(): PhysicsEngine {
    return this.plant.engine;
  }

  get scene(): SceneModel {
    return this.present;
  }

  /** Throws InvalidStateError when the world has come apart. */
  step(): void {
    const { plant, arm } = this;
    arm.advance(plant.arm, plant.engine);
    plant.arm.actuate();
    plant.pusher.push(this.time_s);
    plant.engine.step();
    this.steps++;
    if (this.steps % CHECK_EVERY === 0) plant.engine.assertFinite();
    this.state = plant.driver.read();
  }

  report(): void {
    this.arm.report(this.state);
  }

  /** Leaves the world as it was when what is asked for cannot be, and throws as the constructor does. */
  restart({ time, state, spawned, all }: Restart): void {
    const kept = all ? this.first.objects : this.present.objects;
    const objects = spawned || all ? kept.filter(({ name }) => all || !this.spawned.has(name)) : kept;
    if (state || all || objects.length !== this.present.objects.length) this.rebuild(objects, !(state || all));
    if (state || all) {
      this.arm.stand();
      this.arm.place(this.engine);
    }
    if (spawned || all) this.spawned.clear();
    if (time || all) this.steps = 0;
  }

  /** Adds an object; throws as `restart`. */
  spawn(object: SceneObject): void {
    this.rebuild([...this.present.objects, object], true);
    this.spawned.add(object.name);
  }

  remove(index: number): void {
    const { name } = this.present.objects[index];
    this.rebuild(this.present.objects.toSpliced(index, 1), true);
    this.spawned.delete(name);
  }

  dispose(): void {
    this.engine.dispose?.();
  }

  /** An engine has the objects it was built with: another one takes over, in the same state where `goes_on`. */
  private rebuild(objects: readonly SceneObject[], goes_on: boolean): void {
    const scene = { ...this.present, objects };
    const before = this.plant;
    const plant = this.build(scene, goes_on ? before.engine : null);
    if (goes_on) plant.arm.loadState(before.arm.saveState());
    before.engine.dispose?.();
    this.plant = plant;
    this.present = scene;
    this.state = plant.driver.read();
  }

  private build(scene: SceneModel, from: PhysicsEngine | null): Plant {
    const { robot, options } = this;
    const variation = { ...this.variation, pushes: this.pushesOn(scene) };
    const rng = this.builds === 0 ? this.rng : this.rng.stream(`build/${this.builds}`);
    this.builds++;
    if (from === null) return createPlant(robot, scene, rng, options.engine, variation, true);
    const states = scene.objects.map((object) => this.stateOf(object, from));
    const now = { ...scene, objects: scene.objects.map((object, i) => ({ ...object, pose: poseOf(states[i]) })) };
    const plant = createPlant(robot, now, rng, options.engine, variation, true, from.q);
    plant.engine.setRobotState(from.q, from.v);
    for (const [i, state] of states.entries()) plant.engine.setObjectState(i, state);
    return plant;
  }

  /** Pushes are on the objects that were drawn, of which some may be gone. */
  private pushesOn({ objects }: SceneModel): Randomization['pushes'] {
    return this.variation.pushes.flatMap((push) => {
      if (push.on === 'hand') return [push];
      const { name } = this.first.objects[push.on];
      const on = objects.findIndex((object) => object.name === name);
      return on < 0 ? [] : [{ ...push, on }];
    });
  }

  /** State of an object in `engine`; a new one is at rest where it is spawned. */
  private stateOf({ name, pose }: SceneObject, engine: PhysicsEngine): Float64Array {
    const state = new Float64Array(STATE_SIZE);
    const index = this.present.objects.findIndex((object) => object.name === name);
    if (index >= 0) engine.objectState(index, state, 0);
    else state.set([...pose.position, ...pose.orientation]);
    return state;
  }
}

function poseOf(s: Float64Array): SceneObject['pose'] {
  return { position: [s[0], s[1], s[2]], orientation: [s[3], s[4], s[5], s[6]] };
}
