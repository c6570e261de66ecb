import { z } from 'zod';
import { ENABLING_DEVICE } from './safety.ts';
import { pose, vector3 } from './shapes.ts';

const stamp_ns = z.bigint().nonnegative();

/** rosgraph_msgs/Clock: the simulator's time. */
export const clockMessage = z.object({ stamp_ns });
export type ClockMessage = z.infer<typeof clockMessage>;

/** std_msgs/String. */
export const text = z.object({ data: z.string() });

/** surepick_msgs/Heartbeat: `node` lives; `sequence` counts from 1 since it started. */
export const heartbeat = z.object({
  stamp_ns,
  node: z.string(),
  sequence: z.number().int().positive(),
  timeout_s: z.number().positive(),
});
export type Heartbeat = z.infer<typeof heartbeat>;

/** surepick_msgs/ExternalInputs: the plant's own stop and safeguard inputs, as `source` reads them. */
export const externalInputs = z.object({
  stamp_ns,
  source: z.string(),
  protective_stop: z.boolean(),
  safeguard_open: z.boolean(),
  emergency_stop: z.boolean(),
  enabling_device: z.enum(ENABLING_DEVICE),
});
export type ExternalInputs = z.infer<typeof externalInputs>;

export const DIAGNOSTIC_LEVELS = ['ok', 'warn', 'error', 'stale'] as const;
export const diagnosticStatus = z
  .object({
    level: z.enum(DIAGNOSTIC_LEVELS),
    name: z.string(),
    message: z.string(),
    hardware_id: z.string(),
    values: z.array(z.object({ key: z.string(), value: z.string() }).readonly()).readonly(),
  })
  .readonly();
export type DiagnosticStatus = z.infer<typeof diagnosticStatus>;
/** diagnostic_msgs/DiagnosticArray. */
export const diagnostics = z.object({ stamp_ns, status: z.array(diagnosticStatus).readonly() });
export type Diagnostics = z.infer<typeof diagnostics>;

/** One thing to draw: a line through points, spheres at points, or a box of `scale` at `pose`; frame `frame_id` (m), rgba 0..1. */
export const marker = z
  .object({
    namespace: z.string(),
    id: z.number().int().nonnegative(),
    frame_id: z.string(),
    kind: z.enum(['line_strip', 'sphere_list', 'cube', 'delete_all']),
    pose,
    scale: vector3,
    colour: z.tuple([z.number(), z.number(), z.number(), z.number()]).readonly(),
    points: z.array(vector3).readonly(),
  })
  .readonly();
export const markers = z.object({ stamp_ns, markers: z.array(marker).readonly() });
export type Markers = z.infer<typeof markers>;

const floats = z.instanceof(Float64Array);

/** trajectory_msgs/JointTrajectory to a hardware controller: it begins at `stamp_ns` (0: at once); rows of n joints. */
export const trajectoryCommand = z.object({
  stamp_ns,
  joint_names: z.array(z.string()).readonly(),
  time_s: floats,
  position: floats,
  velocity: floats,
  acceleration: floats,
});
export type TrajectoryCommand = z.infer<typeof trajectoryCommand>;

/** std_msgs/Float64MultiArray: one number a joint. */
export const forwardCommand = z.object({ data: floats });
export type ForwardCommand = z.infer<typeof forwardCommand>;

const jointRows = z.object({ position: floats, velocity: floats }).readonly();

/** control_msgs/JointTrajectoryControllerState: what a hardware controller wants and sees; it comes only while it is active. */
export const controllerState = z.object({
  stamp_ns,
  joint_names: z.array(z.string()).readonly(),
  reference: jointRows,
  feedback: jointRows,
  error: jointRows,
});
export type ControllerState = z.infer<typeof controllerState>;
