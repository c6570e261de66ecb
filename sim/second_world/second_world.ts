import { InputError, type Rng } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { DEFAULT_SIM_ARM, type SimArmOptions } from '../actuators/options.ts';
import type { PhysicsEngine, WorldPoses } from '../engine.ts';
import type { MujocoOptions } from '../mujoco/index.ts';
import { litBy } from '../randomization/apply.ts';
import { offsetZeros } from '../randomization/zeros.ts';
import type { SceneModel, SceneObject } from '../scene.ts';
import type { CameraPerturbation } from '../sensors/index.ts';
import { cameraSpec } from '../sensors/index.ts';
import { punchHoles } from './depth_holes.ts';
import { type EffectsInPlay, FACTORS, type Factor, without } from './effects.ts';
import { SecondWorldEngine } from './engine.ts';
import { misplace, toldFrame } from './hand_eye.ts';
import { readSealed, type SealedWorld } from './sealed.ts';
import { tone } from './shading.ts';
import { tiltScene } from './table_tilt.ts';
import { ToldEngine } from './told_engine.ts';

/** Name of the shipped second world where a file may be named. */
export const SHIPPED_SECOND_WORLD = 'sealed';
const OFF = '#without=';
const PIN = /@([0-9a-f]{64})$/;

/** Name of a second world without some of its effects: `sealed` or a file, then `#without=` and factors with `+` between. */
export function secondWorldName(source: string, off: readonly Factor[]): string {
  return off.length === 0 ? source : `${source}${OFF}${off.join('+')}`;
}

/**
 * Opens a second world by its name, whose end may pin the file: `@` and its SHA-256. Throws InputError for a file that cannot
 * be used or is another one, and for a factor there is not.
 */
export function openSecondWorld(name: string): SecondWorld {
  const pinned = PIN.exec(name);
  const plain = pinned === null ? name : name.slice(0, pinned.index);
  const [source, list] = plain.split(OFF);
  const off = (list ?? '').split('+').filter((text) => text !== '');
  const known = off.flatMap((text) => FACTORS.find((factor) => factor === text) ?? []);
  const wrong = off.find((text) => !known.some((factor) => factor === text));
  if (wrong !== undefined) throw new InputError(`effect "${wrong}" of the second world`, FACTORS.join(', '));
  const sealed = readSealed(source === SHIPPED_SECOND_WORLD ? null : source);
  if (pinned !== null && pinned[1] !== sealed.sha256)
    throw new InputError(`second world ${source}: SHA-256 ${sealed.sha256}`, `the file with ${pinned[1]}`);
  return new SecondWorld(plain, sealed, known);
}

/**
 * What a second world does to robot, scene, engine and pictures. Nobody outside can read its effects: they are told by what
 * they do alone.
 */
export class SecondWorld {
  /** By which it is opened again, if the file is still the same one. */
  readonly name: string;
  readonly sha256: string;
  readonly off: readonly Factor[];
  readonly #effects: EffectsInPlay;
  readonly #joints: number;

  constructor(plain: string, { sha256, joints, effects }: SealedWorld, off: readonly Factor[]) {
    this.name = `${plain}@${sha256}`;
    this.sha256 = sha256;
    this.off = off;
    this.#effects = without(effects, off);
    this.#joints = joints;
  }

  /** The scene as it is: objects' masses, friction, light, and the table askew. */
  scene(scene: SceneModel): SceneModel {
    const { mass, contact_friction, table_tilt, shading } = this.#effects;
    const heavier = mass?.object_scale ?? 1;
    const rougher = contact_friction?.object_scale ?? 1;
    const changed: SceneModel = {
      ...scene,
      objects: scene.objects.map((object) => changedObject(object, heavier, rougher)),
      finger_friction: scene.finger_friction * (contact_friction?.finger_scale ?? 1),
      ...(shading === undefined ? {} : { light: litBy(scene.light, shading) }),
    };
    return table_tilt === undefined ? changed : tiltScene(changed, table_tilt);
  }

  /** Actuators as they are, over what they would be otherwise. */
  actuators(before: Partial<SimArmOptions>): Partial<SimArmOptions> {
    const { gain, latency } = this.#effects;
    return {
      ...before,
      gain_scale: (before.gain_scale ?? DEFAULT_SIM_ARM.gain_scale) * (gain?.gain_scale ?? 1),
      latency_cycles: (before.latency_cycles ?? DEFAULT_SIM_ARM.latency_cycles) + (latency?.cycles ?? 0),
    };
  }

  /** A fresh world of the true robot in it; `prepareEngine('mujoco')` comes first. Throws InputError for another arm. */
  createEngine(robot: Robot, scene: SceneModel, options: MujocoOptions): PhysicsEngine {
    const { joint_friction, encoder_offset } = this.#effects;
    if (robot.arm_joints !== this.#joints)
      throw new InputError(
        `second world for ${this.#joints} joints`,
        `one for the ${robot.arm_joints} of ${robot.name}`,
      );
    const { model } = robot;
    const scaled = (nominal: Float64Array, scale: readonly number[] | undefined) =>
      nominal.map((value, i) => value * (scale?.[i] ?? 1));
    const friction = scaled(model.friction, joint_friction?.coulomb_scale);
    const damping = scaled(model.damping, joint_friction?.viscous_scale);
    const rubbing = { ...robot, model: { ...model, friction, damping } };
    return new SecondWorldEngine(offsetZeros(rubbing, encoder_offset?.offset_rad ?? []), scene, this.#effects, options);
  }

  /** The world as those are told it who are told of objects: as its overview camera would see them. */
  told(engine: PhysicsEngine): PhysicsEngine {
    const { hand_eye } = this.#effects;
    const { mount } = cameraSpec('overview');
    if (hand_eye === undefined || typeof mount === 'string') return engine;
    return new ToldEngine(engine, toldFrame(mount, hand_eye.overview));
  }

  /** A camera where it is, over where it would be otherwise. */
  camera(name: 'overview' | 'wrist', before: CameraPerturbation): CameraPerturbation {
    const { hand_eye } = this.#effects;
    return hand_eye === undefined ? before : misplace(before, hand_eye[name]);
  }

  /** Spoils colours and depths (m) of a picture of `width` pixels in place; alike for equal streams and stamps. */
  spoil(camera: string, stamp_ns: bigint, rgb: Uint8Array, depth: Float32Array, width: number, rng: Rng): void {
    const { shading, depth_holes } = this.#effects;
    if (shading !== undefined) tone(rgb, width, shading);
    if (depth_holes !== undefined)
      punchHoles(depth, width, depth_holes, rng.stream(`second_world/holes/${camera}/${stamp_ns}`));
  }

  /** The world as a picture shows it that says it was taken now: as it was when the shutter was open. */
  seen(camera: string, engine: PhysicsEngine, stamp_ns: bigint, rng: Rng): WorldPoses {
    return engine instanceof SecondWorldEngine ? engine.before(this.lateness(camera, stamp_ns, rng)) : engine;
  }

  /** How much earlier (s) than it says a picture was taken. */
  lateness(camera: string, stamp_ns: bigint, rng: Rng): number {
    const { frame_jitter } = this.#effects;
    if (frame_jitter === undefined) return 0;
    return rng.stream(`second_world/jitter/${camera}/${stamp_ns}`).range(0, frame_jitter.most_s);
  }
}

function changedObject(object: SceneObject, heavier: number, rougher: number): SceneObject {
  const inertia = object.inertia_kg_m2;
  return {
    ...object,
    mass_kg: object.mass_kg * heavier,
    friction: object.friction * rougher,
    ...(inertia === undefined ? {} : { inertia_kg_m2: inertia.map((value) => value * heavier) }),
  };
}
