import { InputError, type Rng } from '../contracts/index.ts';
import { ComputedTorqueServo, type Driver } from '../control/index.ts';
import type { Robot } from '../robots/index.ts';
import {
  actuatedRobot,
  createEngine,
  DEFAULT_SIM_ARM,
  Disturber,
  offsetZeros,
  type PhysicsEngine,
  Pusher,
  type Randomization,
  randomizeArm,
  type SceneModel,
  type SecondWorld,
  SensedArm,
  SimArm,
} from '../sim/index.ts';
import { DT_S } from './rates.ts';

/** What controllers act on: a world with the arm in it, its actuators and sensors, and what disturbs it. */
export interface Plant {
  readonly engine: PhysicsEngine;
  readonly arm: SimArm;
  /** The arm as its sensors show it. */
  readonly driver: Driver;
  readonly pusher: Pusher;
  readonly disturber: Disturber;
  /** Cycles from a command to its effect. */
  readonly latency_cycles: number;
}

/**
 * A fresh world of `scene` with the robot at rest.
 *
 * @param engine  name of the physics engine, which `prepareEngine` has loaded
 * @param variation  how actuators, sensors and forces differ from the nominal ones
 * @param prompt  leaves the commands' latency, which the plant names, to whoever hands them over
 * @param start_q  where the robot stands at first (rad, m), nq; nothing may be in its way there
 * @param second  what the world has beyond the nominal one; needs engine mujoco and the scene that it makes
 */
export function createPlant(
  robot: Robot,
  scene: SceneModel,
  rng: Rng,
  engine: string,
  variation: Randomization | null,
  prompt = false,
  start_q: Float64Array = robot.home_q,
  second: SecondWorld | null = null,
): Plant {
  if (second !== null && engine !== 'mujoco')
    throw new InputError(`engine ${engine} with a second world`, 'engine mujoco, which alone has its effects');
  const varied = variation === null ? {} : randomizeArm(variation, robot);
  const drawn = second?.actuators(varied) ?? varied;
  const actuators = prompt ? { ...drawn, latency_cycles: 0 } : drawn;
  // The engine has the true joints; arm and controller know the nominal ones.
  const { robot: actuated, armature } = actuatedRobot(
    offsetZeros(robot, variation?.start_up.encoder_offset_rad ?? []),
    actuators,
  );
  const standing = { ...actuated, home_q: start_q };
  const settings = { dt_s: DT_S, armature };
  const world = second?.createEngine(standing, scene, settings) ?? createEngine(engine, standing, scene, settings);
  world.setRobotState(start_q, new Float64Array(robot.model.nq));
  const arm = new SimArm(robot, world, new ComputedTorqueServo(robot.model), actuators);
  const exact = variation === null || variation.level === 'none';
  return {
    engine: world,
    arm,
    driver: exact ? arm : new SensedArm(arm, robot.arm_joints, variation, rng.stream('sensors'), DT_S),
    pusher: new Pusher(robot, world, variation?.pushes ?? []),
    disturber: new Disturber(robot, world, variation?.disturbance),
    latency_cycles: drawn.latency_cycles ?? DEFAULT_SIM_ARM.latency_cycles,
  };
}
