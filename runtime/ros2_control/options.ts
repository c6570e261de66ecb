import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';

const positive = z.number().positive();

/** How an arm under ros2_control is reached and commanded; names as on the bus. */
export const ros2ControlOptions = z
  .strictObject({
    mode: z
      .enum(['trajectory', 'forward'])
      .default('trajectory')
      .describe('joint_trajectory_controller, or a forward controller of positions'),
    controller: z
      .string()
      .startsWith('/')
      .default('/joint_trajectory_controller')
      .describe('name of the controller with the arm, as in its topics'),
    joint_states: z
      .string()
      .startsWith('/')
      .default('/joint_states')
      .describe('what joint_state_broadcaster publishes'),
    gripper_controller: z
      .string()
      .startsWith('/')
      .nullable()
      .default(null)
      .describe('controller with a GripperCommand action; null: the gripper is not commanded'),
    forward_joints: z
      .array(z.string())
      .nullable()
      .default(null)
      .describe("joints of a forward controller in its own order; null: as in the robot's description"),
    publish_hz: z.number().min(20).max(1000).default(100).describe('rolling trajectories or commands each second'),
    delay_s: z
      .number()
      .min(0.01)
      .max(0.1)
      .default(0.04)
      .describe(
        'from a command to its execution, s: what messages may be late without a stop, and what a death goes on for',
      ),
    start_tolerance_rad: positive.max(0.1).default(0.02).describe('commands are taken up within this of the arm, rad'),
    blend_s: positive.max(2).default(0.3).describe('in which what is left between them is led to zero, s'),
    state_timeout_s: positive.max(1).default(0.1).describe('joint states older than this stop the arm, s'),
  })
  .refine(({ mode, delay_s, publish_hz }) => mode === 'forward' || delay_s > 1.5 / publish_hz, {
    path: ['delay_s'],
    error: 'must be more than one and a half periods of publish_hz',
  });
export type Ros2ControlOptions = z.infer<typeof ros2ControlOptions>;

/** Commands that the channel to the bridge remembers: a bridge may be so many cycles late. */
export const COMMAND_HISTORY = 48;

/** Of a forward controller's joints, the arm's index. Throws InputError unless they are the arm's joints, each once. */
export function jointOrder({ forward_joints }: Ros2ControlOptions, arm: readonly string[]): readonly number[] {
  const names = forward_joints ?? arm;
  if (names.length !== arm.length || arm.some((name) => !names.includes(name)))
    throw new InputError(`forward_joints ${names.join(', ')}`, `must be ${arm.join(', ')} in the controller's order`);
  return names.map((name) => arm.indexOf(name));
}
