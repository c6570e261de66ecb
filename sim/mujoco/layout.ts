import type { RobotModel } from '../../dynamics/index.ts';
import { jointName, linkName, objectName } from './mjcf.ts';
import { integers, type MainModule, type MjModel } from './module.ts';

/** Where the robot's bodies and the objects are in MuJoCo's arrays. */
export interface Layout {
  /** MuJoCo's number of robot body b, and addresses of its joint in qpos and qvel. */
  readonly link_body: Int32Array;
  readonly link_qpos: Int32Array;
  readonly link_dof: Int32Array;
  /** MuJoCo's number of object i, and addresses of its free joint. */
  readonly object_body: Int32Array;
  readonly object_qpos: Int32Array;
  readonly object_dof: Int32Array;
  /** MuJoCo's numbers of the geoms on robot bodies, and the robot body each is on. */
  readonly link_geom: Int32Array;
  readonly link_geom_body: Int32Array;
  /** The engine's number of the body that carries each of MuJoCo's geoms: 0 world, objects, robot bodies. */
  readonly geom_number: Int32Array;
}

export function layoutOf(mujoco: MainModule, model: MjModel, robot: RobotModel, objects: number): Layout {
  const { mjOBJ_BODY, mjOBJ_JOINT } = mujoco.mjtObj;
  const bodyOf = (name: string) => mujoco.mj_name2id(model, mjOBJ_BODY.value, name);
  const jointOf = (name: string) => mujoco.mj_name2id(model, mjOBJ_JOINT.value, name);
  const qposadr = integers(model.jnt_qposadr);
  const dofadr = integers(model.jnt_dofadr);
  const first_joint = integers(model.body_jntadr);
  const geom_body = integers(model.geom_bodyid);
  const link_body = Int32Array.from({ length: robot.nb }, (_, b) => bodyOf(linkName(b)));
  const object_body = Int32Array.from({ length: objects }, (_, i) => bodyOf(objectName(i)));
  const numberOf = new Map<number, number>([[0, 0]]);
  object_body.forEach((body, i) => void numberOf.set(body, 1 + i));
  link_body.forEach((body, b) => void numberOf.set(body, 1 + objects + b));
  const link_geom = [...geom_body.keys()].filter((geom) => link_body.includes(geom_body[geom]));
  return {
    link_body,
    link_geom: Int32Array.from(link_geom),
    link_geom_body: Int32Array.from(link_geom, (geom) => link_body.indexOf(geom_body[geom])),
    link_qpos: Int32Array.from({ length: robot.nb }, (_, b) => qposadr[jointOf(jointName(b))]),
    link_dof: Int32Array.from({ length: robot.nb }, (_, b) => dofadr[jointOf(jointName(b))]),
    object_body,
    object_qpos: object_body.map((body) => qposadr[first_joint[body]]),
    object_dof: object_body.map((body) => dofadr[first_joint[body]]),
    geom_number: geom_body.map((body) => numberOf.get(body) ?? 0),
  };
}
