import { type ConvexMesh, meshBounds, type Shape, type Vector3 } from '../../contracts/index.ts';
import { forwardKinematics, frameIndex, frameJacobian, framePose, RobotData } from '../../dynamics/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { mintSafeCommand } from '../../safety/safe_command.ts';
import {
  CannonEngine,
  type CannonOptions,
  type PhysicsEngine,
  type SceneModel,
  type SceneObject,
  SimArm,
  type SimArmOptions,
} from '../../sim/index.ts';

export const PANDA: Robot = loadRobot('panda');

export interface ObjectOptions {
  readonly mass_kg?: number;
  readonly friction?: number;
  readonly com_m?: Vector3;
  readonly orientation?: readonly [number, number, number, number];
}

export function sceneObject(shape: Shape | ConvexMesh, position: Vector3, options: ObjectOptions = {}): SceneObject {
  return {
    name: shape.type,
    class: shape.type === 'box' ? 'box' : 'cylinder',
    colour: 'red',
    shape,
    mass_kg: options.mass_kg ?? 0.1,
    friction: options.friction ?? 0.9,
    ...(options.com_m ? { com_m: options.com_m } : {}),
    pose: { position, orientation: options.orientation ?? [0, 0, 0, 1] },
    rgb: [1, 0, 0],
  };
}

export function tableScene(objects: readonly SceneObject[], finger_friction = 0.9, table_friction = 0.6): SceneModel {
  return {
    table: {
      size: [0.8, 1.2, 0.05],
      pose: { position: [0.55, 0, -0.025], orientation: [0, 0, 0, 1] },
      friction: table_friction,
      rgb: [1, 1, 1],
    },
    objects,
    zones: [{ position: [0.5, 0.2, 0], radius_m: 0.05, rgb: [1, 1, 1] }],
    finger_friction,
  };
}

/** Joint positions that put the tool at `position`, pointing down, fingers opening along the direction `yaw`. */
export function toolDown(
  position: Vector3,
  yaw: number,
  seed: Float64Array = PANDA.home_q,
  robot: Robot = PANDA,
): Float64Array {
  const { model } = robot;
  const data = new RobotData(model);
  const frame = frameIndex(model, robot.tcp_frame);
  const q = Float64Array.from(seed);
  const T = new Float64Array(12);
  const J = new Float64Array(6 * model.nq);
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  // Columns of the wanted rotation: x across the fingers, y along their motion, z down.
  const wanted = [
    [s, -c, 0],
    [-c, -s, 0],
    [0, 0, -1],
  ];
  for (let round = 0; round < 200; round++) {
    forwardKinematics(model, data, q);
    framePose(model, data, frame, T);
    const error = [position[0] - T[9], position[1] - T[10], position[2] - T[11], 0, 0, 0];
    for (let k = 0; k < 3; k++) {
      const [x, y, z] = [T[k], T[3 + k], T[6 + k]];
      const [u, v, w] = wanted[k];
      error[3] += 0.5 * (y * w - z * v);
      error[4] += 0.5 * (z * u - x * w);
      error[5] += 0.5 * (x * v - y * u);
    }
    if (Math.hypot(...error) < 1e-11) return q;
    frameJacobian(model, data, frame, J);
    const A = error.map((value, i) => [
      ...error.map((_, k) => {
        let sum = i === k ? 1e-6 : 0;
        for (let j = 0; j < robot.arm_joints; j++) sum += J[i * model.nq + j] * J[k * model.nq + j];
        return sum;
      }),
      value,
    ]);
    const y = solve(A);
    for (let j = 0; j < robot.arm_joints; j++) {
      const step = y.reduce((sum, value, i) => sum + J[i * model.nq + j] * value, 0);
      q[j] += Math.max(-0.2, Math.min(0.2, step));
    }
  }
  throw new Error(`no joint positions found for the tool at ${position.join(', ')}`);
}

/** Gaussian elimination of an augmented matrix, positive definite. */
function solve(A: number[][]): number[] {
  const n = A.length;
  for (let i = 0; i < n; i++) {
    for (let k = i + 1; k < n; k++) {
      const f = A[k][i] / A[i][i];
      for (let m = i; m <= n; m++) A[k][m] -= f * A[i][m];
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let sum = A[i][n];
    for (let k = i + 1; k < n; k++) sum -= A[i][k] * x[k];
    x[i] = sum / A[i][i];
  }
  return x;
}

/** The Panda over a table in any engine, driven by commands as a gate would send them, one per step. */
export class EngineRig<E extends PhysicsEngine = PhysicsEngine> {
  readonly engine: E;
  readonly arm: SimArm;
  readonly command = mintSafeCommand(PANDA.arm_joints);
  private readonly state = new Float64Array(13);

  constructor(engine: E, q: Float64Array = PANDA.home_q, robot: Robot = PANDA, actuators: Partial<SimArmOptions> = {}) {
    this.engine = engine;
    this.engine.setRobotState(q, new Float64Array(q.length));
    this.arm = new SimArm(robot, this.engine, undefined, actuators);
    for (let i = 0; i < PANDA.arm_joints; i++) this.command.position[i] = q[i];
    this.grip(2 * q[q.length - 1], 70);
  }

  grip(width_m: number, force_N: number): void {
    this.command.gripper_width_m = width_m;
    this.command.gripper_force_N = force_N;
  }

  /** `before` runs after the torques are set and before the engine's step. */
  run(steps: number, before?: (step: number) => void): void {
    for (let k = 0; k < steps; k++) this.tick(k, before);
  }

  private tick(k: number, before?: (step: number) => void): void {
    this.arm.read();
    this.arm.write(this.command);
    this.arm.actuate();
    before?.(k);
    this.engine.step();
  }

  /** Joint motion to `q` with a quintic profile. */
  move(q: Float64Array, steps: number, before?: (step: number) => void): void {
    const { position, velocity } = this.command;
    const { dt_s } = this.engine;
    const start = Float64Array.from(position);
    for (let k = 1; k <= steps; k++) {
      const u = k / steps;
      const s = u * u * u * (10 - 15 * u + 6 * u * u);
      for (let j = 0; j < position.length; j++) {
        const next = start[j] + (q[j] - start[j]) * s;
        velocity[j] = (next - position[j]) / dt_s;
        position[j] = next;
      }
      this.tick(k - 1, before);
    }
    velocity.fill(0);
  }

  /** Position, quaternion, velocity and angular velocity of an object. */
  object(index: number): Float64Array {
    this.engine.objectState(index, this.state, 0);
    return Float64Array.from(this.state);
  }

  /** Position of an object in the frame of a robot body (m): that of the hand by default. */
  relative(index: number, body = 6): [number, number, number] {
    const pose = new Float64Array(12);
    this.engine.bodyPose(body, pose);
    this.engine.objectState(index, this.state, 0);
    const d = [0, 1, 2].map((k) => this.state[k] - pose[9 + k]);
    const along = (k: number) => pose[k] * d[0] + pose[3 + k] * d[1] + pose[6 + k] * d[2];
    return [along(0), along(1), along(2)];
  }
}

/** The same in cannon. */
export class SimRig extends EngineRig<CannonEngine> {
  constructor(scene: SceneModel, q: Float64Array = PANDA.home_q, options: CannonOptions = {}, robot: Robot = PANDA) {
    super(new CannonEngine(robot, scene, options), q, robot);
  }
}

/** A rig that holds an object lifted off the table between its pads, with `force_N` on each. */
export function graspedObject(
  shape: Shape | ConvexMesh,
  force_N: number,
  options: GraspOptions & { readonly engine?: CannonOptions } = {},
): SimRig {
  return grasp(shape, force_N, options, (scene, q) => new SimRig(scene, q, options.engine));
}

export interface GraspOptions extends ObjectOptions {
  readonly finger_friction?: number;
  readonly yaw?: number;
}

/** As `graspedObject`, in the rig that `build` makes. */
export function grasp<R extends EngineRig>(
  shape: Shape | ConvexMesh,
  force_N: number,
  options: GraspOptions,
  build: (scene: SceneModel, q: Float64Array) => R,
): R {
  const height = heightOf(shape);
  const yaw = options.yaw ?? 0;
  const turned = yaw === 0 ? {} : { orientation: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)] as const };
  const object = sceneObject(shape, [0.5, 0.1, height / 2], { ...options, ...turned });
  const q = toolDown([0.5, 0.1, height / 2], yaw + Math.PI / 2);
  q[q.length - 1] = 0.04;
  const rig = build(tableScene([object], options.finger_friction), q);
  rig.run(20);
  rig.grip(0, force_N);
  rig.run(450);
  rig.move(toolDown([0.5, 0.1, height / 2 + 0.15], yaw + Math.PI / 2, q), 300);
  rig.run(150);
  return rig;
}

function heightOf(shape: Shape | ConvexMesh): number {
  switch (shape.type) {
    case 'box':
      return shape.size[2];
    case 'cylinder':
      return shape.length;
    case 'sphere':
      return 2 * shape.radius;
    case 'mesh':
      return 2 * meshBounds(shape).upper[2];
  }
}
