import { ComputedTorqueServo } from '../control/index.ts';
import { forwardKinematics, frameIndex, framePose, matrixToQuaternion, RobotData } from '../dynamics/index.ts';
import { loadRobot, type Robot } from '../robots/index.ts';
import { createCannonEngine, type PhysicsEngine, type SceneModel, type SceneObject } from '../sim/index.ts';
import { type Benchmark, row } from './benchmark.ts';
import { stockCannonStep_s } from './stock_cannon.ts';

const ROUNDS = 20;
const STEPS = 500;
const MASS_KG = 0.1;
const GRIP_N = 20;
const HALF_WIDTH_M = 0.025;

/** Time of one physics step with the arm under computed torque: free, beside objects, holding one; the least of rounds. */
export const physicsStep: Benchmark = {
  name: 'physics-step',
  claim: 'a 2 ms step of world, arm and servo under 25 µs while the gripper holds an object',
  async run(progress) {
    const robot = loadRobot('panda');
    progress('a plain cannon-es world');
    const stock = {
      name: 'cannon-es as it comes, one box, ten kinematic bodies',
      value: stockCannonStep_s(4000) * 1e6,
    };
    const held = heldBox(robot);
    const worlds: readonly (readonly [string, readonly SceneObject[], boolean])[] = [
      ['arm alone', [], false],
      ['1 box at rest', boxes(1), false],
      ['4 boxes at rest', boxes(4), false],
      ['8 boxes at rest, awake as all are', boxes(8), false],
      ['holding a box', [held], true],
      ['holding a box beside 3 at rest', [held, ...boxes(3)], true],
    ];
    let drift_m = 0;
    let force_N = 0;
    const rows = worlds.map(([name, objects, grip]) => {
      progress(name);
      const engine = createCannonEngine(robot, scene(objects));
      const step = servoed(robot, engine, grip);
      for (let k = 0; k < 4 * STEPS; k++) step();
      const start = position(engine, grip);
      let least_s = Number.POSITIVE_INFINITY;
      for (let round = 0; round < ROUNDS; round++) {
        const started = performance.now();
        for (let k = 0; k < STEPS; k++) step();
        least_s = Math.min(least_s, (performance.now() - started) / 1000 / STEPS);
      }
      if (grip) {
        const end = position(engine, grip);
        drift_m = Math.max(drift_m, Math.hypot(end[0] - start[0], end[1] - start[1], end[2] - start[2]));
        const wrench = new Float64Array(6);
        engine.handWrench(wrench);
        force_N = wrench[2];
      }
      return row(name, least_s * 1e6, 'µs/step', stock);
    });
    const eight = rows.find(({ name }) => name.startsWith('8 boxes'));
    return {
      rows: [...rows, row('8 boxes', 0.002 / (1e-6 * (eight?.value ?? Number.NaN)), 'simulated s / s')],
      checks: [
        {
          name: 'the held box stays where it is',
          pass: drift_m < 1e-5,
          detail: `${drift_m} m in ${ROUNDS * STEPS} steps`,
        },
        {
          name: 'its weight hangs on the hand',
          pass: Math.abs(force_N + MASS_KG * 9.81) < 0.01,
          detail: `${force_N} N`,
        },
      ],
    };
  },
};

/** A step that holds the arm where it is, and squeezes if `grip`. */
function servoed(robot: Robot, engine: PhysicsEngine, grip: boolean): () => void {
  const servo = new ComputedTorqueServo(robot.model);
  const q = Float64Array.from(robot.home_q);
  const finger = robot.gripper?.coordinate ?? robot.arm_joints;
  if (grip) q[finger] = HALF_WIDTH_M;
  engine.setRobotState(q, new Float64Array(q.length));
  const q_ref = q.slice(0, robot.arm_joints);
  const zero = new Float64Array(robot.arm_joints);
  engine.implicit_damping[finger] = 100;
  return () => {
    servo.torque(engine.q, engine.v, q_ref, zero, zero, engine.tau);
    engine.tau[finger] = grip ? -2 * GRIP_N : 0;
    engine.step();
  };
}

function position(engine: PhysicsEngine, grip: boolean): Float64Array {
  const state = new Float64Array(13);
  if (grip) engine.objectState(0, state, 0);
  return state;
}

/** A box between the fingers of the arm at home. */
function heldBox(robot: Robot): SceneObject {
  const data = new RobotData(robot.model);
  const pose = new Float64Array(12);
  const q = [0, 0, 0, 0];
  forwardKinematics(robot.model, data, robot.home_q);
  framePose(robot.model, data, frameIndex(robot.model, robot.tcp_frame), pose);
  matrixToQuaternion(pose, 0, q);
  return box('held', [pose[9], pose[10], pose[11]], [q[0], q[1], q[2], q[3]]);
}

function boxes(count: number): SceneObject[] {
  return Array.from({ length: count }, (_, i) =>
    box(`box_${i}`, [0.5 + 0.12 * Math.floor(i / 4), 0.15 * (i % 4) - 0.2, 0.02], [0, 0, 0, 1]),
  );
}

function box(
  name: string,
  at: readonly [number, number, number],
  orientation: readonly [number, number, number, number],
): SceneObject {
  return {
    name,
    class: 'box',
    colour: 'red',
    shape: { type: 'box', size: [0.04, 2 * HALF_WIDTH_M, 0.04] },
    mass_kg: MASS_KG,
    friction: 0.9,
    pose: { position: at, orientation },
    rgb: [1, 0, 0],
  };
}

function scene(objects: readonly SceneObject[]): SceneModel {
  return {
    table: {
      size: [0.8, 1.2, 0.05],
      pose: { position: [0.55, 0, -0.025], orientation: [0, 0, 0, 1] },
      friction: 0.6,
      rgb: [1, 1, 1],
    },
    objects,
    zones: [{ position: [0.5, 0.3, 0], radius_m: 0.05, rgb: [1, 1, 1] }],
    finger_friction: 0.9,
  };
}
