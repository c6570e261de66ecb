import { loadRobot, type Robot, robotFromUrdf } from '../../robots/index.ts';

/** A robot of URDF text, whose joints are free of friction and, with its tip as hand, of limits of motion. */
export function robotOf(text: string, name: string): Robot {
  const { model, tip_link } = robotFromUrdf(text, `${name}.urdf`);
  const ones = new Float64Array(model.nq).fill(1);
  return {
    name,
    model,
    arm_joints: model.nq,
    gripper: null,
    tcp_frame: tip_link,
    limits: {
      position_lower: model.position_lower,
      position_upper: model.position_upper,
      velocity: model.velocity_limit,
      acceleration: ones,
      jerk: ones,
      effort: model.effort_limit,
    },
    motion_limits: 'assumed',
    home_q: new Float64Array(model.nq),
  };
}

/** Robots are made when a law first asks for them, not by every program that has this module. */
function once(make: () => Robot): () => Robot {
  let made: Robot | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

interface LinkOptions {
  readonly mass_kg: number;
  readonly com_m: readonly [number, number, number];
  readonly inertia_kg_m2: number;
  readonly collision?: string;
}

function link(name: string, { mass_kg, com_m, inertia_kg_m2: i, collision }: LinkOptions): string {
  return (
    `<link name="${name}"><inertial><origin xyz="${com_m.join(' ')}"/><mass value="${mass_kg}"/>` +
    `<inertia ixx="${i}" iyy="${i}" izz="${i}" ixy="0" ixz="0" iyz="0"/></inertial>${collision ?? ''}</link>`
  );
}

/** Takes no part: one upright axis, far from everything, that nothing turns. */
export const bystander = once(() =>
  robotOf(
    `<robot name="bystander"><link name="base"/>${link('post', { mass_kg: 1, com_m: [0, 0, 0], inertia_kg_m2: 0.01 })}
  <joint name="axis" type="continuous"><origin xyz="0 0 9"/><parent link="base"/><child link="post"/><axis xyz="0 0 1"/>
  <limit effort="1" velocity="1"/></joint></robot>`,
    'bystander',
  ),
);

/** Mass (kg), distance of its centre from the axis (m) and inertia about the centre (kg m²) of the pendulum. */
export const PENDULUM_BODY = { mass_kg: 1.3, length_m: 0.8, inertia_kg_m2: 0.02 } as const;

/** One link that hangs from an axis along y at 2 m height, at rest for q = 0. */
export const hangingLink = once(() =>
  robotOf(
    `<robot name="pendulum"><link name="base"/>${link('bob', { ...PENDULUM_BODY, com_m: [0, 0, -PENDULUM_BODY.length_m] })}
  <joint name="pivot" type="continuous"><origin xyz="0 0 2"/><parent link="base"/><child link="bob"/><axis xyz="0 1 0"/>
  <limit effort="100" velocity="100"/></joint></robot>`,
    'pendulum',
  ),
);

/** Mass of the pusher's block (kg), its half length along x and where it starts (m). */
export const PUSHER_BODY = { mass_kg: 0.7, half_m: 0.03, start_m: -0.5 } as const;

/** A block that slides along x over the table, driven by one force. */
export const slider = once(() =>
  robotOf(
    `<robot name="pusher"><link name="base"/>${link('block', {
      mass_kg: PUSHER_BODY.mass_kg,
      com_m: [0, 0, 0],
      inertia_kg_m2: 0.001,
      collision: `<collision><geometry><box size="${2 * PUSHER_BODY.half_m} 0.06 0.06"/></geometry></collision>`,
    })}
  <joint name="rail" type="prismatic"><origin xyz="${PUSHER_BODY.start_m} 0 0.05"/><parent link="base"/><child link="block"/>
  <axis xyz="1 0 0"/><limit lower="-9" upper="9" effort="100" velocity="100"/></joint></robot>`,
    'pusher',
  ),
);

/** The Panda without friction and damping in its joints, so that nothing but rigid-body forces is at work. */
export const panda = once(() => frictionless(loadRobot('panda')));

/** The Panda's arm alone, free to swing through everything. */
export const freePanda = once(() => free(loadRobot('panda', { gripper: false })));

function frictionless(robot: Robot): Robot {
  const { model } = robot;
  const damping = model.damping.map((x, i) => (i < robot.arm_joints ? 0 : x));
  return { ...robot, model: { ...model, friction: new Float64Array(model.nq), damping } };
}

function free(robot: Robot): Robot {
  const { model } = frictionless(robot);
  const position_upper = new Float64Array(model.nq).fill(Number.POSITIVE_INFINITY);
  const position_lower = position_upper.map((x) => -x);
  return { ...robot, model: { ...model, position_lower, position_upper, collision: [] } };
}
