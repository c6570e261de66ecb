import { z } from 'zod';

/** What is told, expected and tried of one arm; ROS 2 parameters of the node that runs the stages. */
export const commissioningSettings = z.strictObject({
  driver_delay_s: z
    .number()
    .min(0)
    .max(0.2)
    .default(0.04)
    .describe('Delay that the driver itself puts between a command and its execution (s)'),
  payload_kg: z.number().min(0).max(100).default(0).describe('Mass that the tool carries beyond the description (kg)'),
  stop_trials: z.int().min(1).max(1000).default(20).describe('How often the stop test stops the arm'),
  deceleration_within_s: z
    .number()
    .min(0.01)
    .max(1)
    .default(0.1)
    .describe('Deceleration has to begin within this of a stop being asked for (s)'),
  target_frame: z
    .string()
    .default('')
    .describe('Frame of a target that does not move, on /tf below the camera of the hand; empty: there is none'),
  camera_frame: z
    .string()
    .default('wrist_camera_optical_frame')
    .describe("Optical frame of the hand's camera, as on /tf"),
});
export type CommissioningSettings = Readonly<z.infer<typeof commissioningSettings>>;

export const DEFAULT_SETTINGS: CommissioningSettings = commissioningSettings.parse({});
