import { z } from 'zod';
import { InputError } from '../contracts/index.ts';
import {
  crba,
  forwardDynamics,
  forwardKinematics,
  frameIndex,
  frameJacobian,
  framePose,
  matrixToQuaternion,
  RobotData,
  type RobotModel,
  rnea,
} from '../dynamics/index.ts';

const numbers = z.array(z.number(), 'must be a list of numbers, one a joint');

/** States to evaluate: one number a coordinate each; rad or m, rad/s or m/s, Nm or N, rad/s² or m/s². */
export const dynamicsCases = z.object({
  cases: z.array(z.object({ q: numbers, v: numbers, tau: numbers, a: numbers })),
});
export type DynamicsCases = z.infer<typeof dynamicsCases>;

export interface DynamicsResult {
  /** Forward dynamics of (q, v, tau) and inverse dynamics of (q, v, a); rigid-body terms only. */
  readonly qdd: number[];
  readonly tau: number[];
  readonly mass_matrix: number[][];
  readonly gravity: number[];
  /** Pose of every link in the root link's frame: x, y, z (m), qx, qy, qz, qw with w ≥ 0. */
  readonly frames: Record<string, number[]>;
  /** 6×n of the chosen frame's origin, linear rows over angular rows, root axes. */
  readonly jacobian: number[][];
}

/** Evaluates each case. Throws InputError for an unknown frame, a wrong length or a state with no finite answer. */
export function evaluateDynamics(
  model: RobotModel,
  frame: string,
  input: DynamicsCases,
  where: string,
): DynamicsResult[] {
  const index = frameIndex(model, frame);
  if (index < 0) {
    throw new InputError(
      `frame ${frame}`,
      `links of ${model.name} are ${model.frames.map(({ name }) => name).join(', ')}`,
    );
  }
  const data = new RobotData(model);
  return input.cases.map((state, i) => {
    const place = `${where} at cases[${i}]`;
    for (const field of ['q', 'v', 'tau', 'a'] as const) {
      if (state[field].length !== model.nq) {
        throw new InputError(
          `${place}.${field} has ${state[field].length} numbers`,
          `${model.name} takes ${model.nq}: ${model.joint_names.join(', ')}`,
        );
      }
    }
    return evaluate(model, data, index, state, place);
  });
}

function evaluate(
  model: RobotModel,
  data: RobotData,
  frame: number,
  state: DynamicsCases['cases'][number],
  place: string,
): DynamicsResult {
  const n = model.nq;
  const velocity = Float64Array.from(state.v);
  const qdd = new Float64Array(n);
  const tau = new Float64Array(n);
  const gravity = new Float64Array(n);
  const jacobian = new Float64Array(6 * n);
  forwardKinematics(model, data, Float64Array.from(state.q));
  try {
    forwardDynamics(model, data, velocity, Float64Array.from(state.tau), qdd);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(`${place}: ${error.message}`, 'every moving link needs mass or inertia', { cause: error });
  }
  rnea(model, data, null, null, gravity);
  rnea(model, data, velocity, Float64Array.from(state.a), tau);
  crba(model, data);
  frameJacobian(model, data, frame, jacobian);
  if (![...qdd, ...tau, ...data.M, ...jacobian].every(Number.isFinite)) {
    throw new InputError(`${place}: no finite result`, 'states must be of physical size and moving links have inertia');
  }
  return {
    qdd: [...qdd],
    tau: [...tau],
    mass_matrix: rows(data.M, n),
    gravity: [...gravity],
    frames: Object.fromEntries(model.frames.map(({ name }, i) => [name, pose7(model, data, i)])),
    jacobian: rows(jacobian, n),
  };
}

function rows(values: Float64Array, columns: number): number[][] {
  const count = columns === 0 ? 0 : values.length / columns;
  return Array.from({ length: count }, (_, i) => [...values.subarray(i * columns, (i + 1) * columns)]);
}

function pose7(model: RobotModel, data: RobotData, frame: number): number[] {
  const pose = new Float64Array(12);
  const quaternion = new Float64Array(4);
  framePose(model, data, frame, pose);
  matrixToQuaternion(pose, 0, quaternion);
  return [pose[9], pose[10], pose[11], ...quaternion];
}
