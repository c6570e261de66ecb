import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { type DynamicsResult, dynamicsCases, evaluateDynamics } from './dynamics_cases.ts';
import { loadRobot } from './load.ts';

const list = z.array(z.number());

/** Dynamics of several robots by another library, as golden/make_golden.py writes them. */
const recordedDynamics = z.object({
  seed: z.number(),
  robots: z.array(
    z.object({
      urdf: z.string(),
      gripper: z.boolean(),
      frame: z.string(),
      joints: z.array(z.string()),
      cases: z.array(
        dynamicsCases.shape.cases.element.extend({
          expected: z.object({
            qdd: list,
            tau: list,
            mass_matrix: z.array(list),
            gravity: list,
            frames: z.record(z.string(), list),
            jacobian: z.array(list),
          }),
        }),
      ),
    }),
  ),
});
export type RecordedDynamics = z.infer<typeof recordedDynamics>;

/** Folder of Pinocchio's answers and of the URDF files they are about. */
export const PINOCCHIO_FOLDER: string = join(PACKAGE_ROOT, 'robots', 'golden');

export function readRecordedDynamics(file: string = join(PINOCCHIO_FOLDER, 'golden.json')): RecordedDynamics {
  return recordedDynamics.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/**
 * Errors of one robot's algorithms in one state, each the largest difference in 1 + the largest value; `residual` is
 * ‖M q̈ + h − τ‖/‖τ‖ of our accelerations in the other library's M and h.
 */
export type DynamicsErrors = Readonly<
  Record<'qdd' | 'tau' | 'mass_matrix' | 'gravity' | 'jacobian' | 'frames' | 'residual', number>
>;

export interface CaseErrors {
  /** URDF file, whether with gripper, and number of the case. */
  readonly robot: string;
  readonly errors: DynamicsErrors;
}

/** Compares every state of a recording; `folderOf` says where a URDF of it is. Throws if joints or links differ. */
export function compareDynamics(recorded: RecordedDynamics, folderOf: (urdf: string) => string): CaseErrors[] {
  return recorded.robots.flatMap(({ urdf, gripper, frame, joints, cases }) => {
    const { model } = loadRobot(join(folderOf(urdf), urdf), { gripper });
    if (joints.join() !== model.joint_names.join())
      throw new Error(`${urdf} has other joints than recorded: ${joints}`);
    const ours = evaluateDynamics(model, frame, { cases }, urdf);
    return cases.map((each, i) => ({
      robot: `${urdf} gripper ${gripper} case ${i}`,
      errors: { ...errorsOf(ours[i], each.expected), residual: residual(ours[i].qdd, each) },
    }));
  });
}

type RecordedCase = RecordedDynamics['robots'][number]['cases'][number];

function errorsOf(ours: DynamicsResult, theirs: RecordedCase['expected']): Omit<DynamicsErrors, 'residual'> {
  return {
    qdd: apart(ours.qdd, theirs.qdd),
    tau: apart(ours.tau, theirs.tau),
    mass_matrix: apart(ours.mass_matrix.flat(), theirs.mass_matrix.flat()),
    gravity: apart(ours.gravity, theirs.gravity),
    jacobian: apart(ours.jacobian.flat(), theirs.jacobian.flat()),
    frames: Math.max(...Object.entries(theirs.frames).map(([name, value]) => posesApart(ours.frames[name], value))),
  };
}

function apart(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return Math.max(0, ...a.map((x, i) => Math.abs(x - b[i]))) / (1 + Math.max(0, ...b.map(Math.abs)));
}

/** A quaternion and its negative are the same rotation. */
function posesApart(a: readonly number[] | undefined, b: readonly number[]): number {
  if (a === undefined) return Number.POSITIVE_INFINITY;
  const sign = a[3] * b[3] + a[4] * b[4] + a[5] * b[5] + a[6] * b[6] >= 0 ? 1 : -1;
  return apart(a, [...b.slice(0, 3), ...b.slice(3).map((x) => sign * x)]);
}

function residual(qdd: readonly number[], { a, tau, expected }: RecordedCase): number {
  const { mass_matrix: M } = expected;
  // Of inverse dynamics at a: h = τ(q, v, a) − M a.
  const rest = M.map((row, i) => row.reduce((sum, m, j) => sum + m * (qdd[j] - a[j]), expected.tau[i]) - tau[i]);
  return Math.hypot(...rest) / Math.hypot(...tau);
}
