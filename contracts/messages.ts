import { z } from 'zod';
import { DEGRADATIONS } from './safety.ts';
import { colour, OBJECT_CLASSES, objectClass, pose, shape, vector3 } from './shapes.ts';

const stamp_ns = z.bigint().nonnegative();
const floats = z.instanceof(Float64Array);

/** sensor_msgs/JointState: rad or m, rad/s or m/s, Nm or N; one entry per independent joint in document order of the URDF. */
export const jointState = z.object({
  stamp_ns,
  names: z.array(z.string()).readonly(),
  position: floats,
  velocity: floats,
  effort: floats,
});
export type JointState = z.infer<typeof jointState>;

/** Colour image, 8 bit RGB, row-major from the top left. */
export const colourImage = z.object({
  stamp_ns,
  frame_id: z.string(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  data: z.instanceof(Uint8Array),
});
export type ColourImage = z.infer<typeof colourImage>;

/** Depth along the optical z axis in metres (32FC1), 0 for none. */
export const depthImage = z.object({
  stamp_ns,
  frame_id: z.string(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  data: z.instanceof(Float32Array),
});
export type DepthImage = z.infer<typeof depthImage>;

/** Pinhole camera: K row-major 3×3 (pixels), D of the distortion model; T_world_camera_optical row-major 4×4 (m). */
export const cameraInfo = z.object({
  stamp_ns,
  frame_id: z.string(),
  name: z.string(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  K: z.array(z.number()).length(9).readonly(),
  D: z.array(z.number()).length(5).readonly(),
  distortion_model: z.literal('plumb_bob'),
  T_world_camera_optical: z.array(z.number()).length(16).readonly(),
});
export type CameraInfo = z.infer<typeof cameraInfo>;

/** What a detector would have done with what it saw: take it, look from elsewhere, ask the larger network, ask a person. */
export const VERDICTS = ['accept', 'look_again', 'ask_full', 'escalate'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** How sure a calibrated detector is; absent from detectors that do not know. */
export const confidence = z.object({
  /** Share of the object that is in view, 0..1: its pixels over those of its fitted shape. */
  visible: z.number().min(0).max(1),
  /** Classes that cannot be ruled out at the model's conformal level, the likeliest first; `unknown` for none of them. */
  possible: z.array(z.enum([...OBJECT_CLASSES, 'unknown'])).readonly(),
  verdict: z.enum(VERDICTS),
  /** Why it is not `accept`; empty when it is. */
  reason: z.string(),
});
export type Confidence = z.infer<typeof confidence>;

/** One object seen. Pose in the frame of the message; the pose's origin is the centre of the shape, z up for what stands. */
export const detection = z.object({
  /** The same object keeps its number from frame to frame where the detector tracks; else its place in the list. */
  id: z.number().int().nonnegative(),
  class: objectClass,
  colour,
  /** Probability that there is an object of this class; calibrated where `confidence` is given. */
  score: z.number().min(0).max(1),
  pose,
  shape,
  /** Covariance of x, y, z, roll, pitch, yaw, row-major 6×6 (m², m·rad, rad²). */
  covariance: z.array(z.number()).length(36).readonly(),
  /** Box in the image: left, top, width, height in pixels. */
  image_box: z.tuple([z.number(), z.number(), z.number(), z.number()]).readonly(),
  pixels: z.number().int().nonnegative(),
  confidence: confidence.optional(),
});
export type Detection = z.infer<typeof detection>;

/** What can be wrong with a picture as a whole. */
export const PICTURE_FAULTS = [
  'covered',
  'glare',
  'blur',
  'frozen',
  'delayed',
  'no_depth',
  'unfamiliar',
  /** The camera does not stand where it is taken to stand. */
  'moved',
] as const;
export type PictureFault = (typeof PICTURE_FAULTS)[number];
/** A picture with these alone still shows something: what is seen in it is in doubt, and looked at from elsewhere. */
export const DOUBTFUL_FAULTS: readonly PictureFault[] = ['unfamiliar', 'blur', 'glare', 'moved'];

/** vision_msgs/Detection3DArray with what the pipeline knows of itself. */
export const detections = z.object({
  stamp_ns,
  frame_id: z.string(),
  /** The frame that caused it, e.g. `overview/12`. */
  request_id: z.string(),
  /** What made it: the network, the colour-and-depth detector, or a simulator's own state. */
  source: z.enum(['onnx', 'classical', 'state']),
  /** Why the network was not used, or not where it should run; empty when all is as it should be. `source` tells which. */
  degraded_reason: z.string(),
  model: z.string(),
  /** What is wrong with the picture; absent from detectors that do not look, empty when nothing is. */
  faults: z.array(z.enum(PICTURE_FAULTS)).readonly().optional(),
  detections: z.array(detection).readonly(),
});
export type Detections = z.infer<typeof detections>;

/** geometry_msgs/WrenchStamped: force (N) and torque (Nm) on the hand, in `frame_id`. */
export const wrench = z.object({ stamp_ns, frame_id: z.string(), force: vector3, torque: vector3 });
export type Wrench = z.infer<typeof wrench>;

/** One edge of the frame tree: T_parent_child. */
export const transform = z.object({ parent: z.string(), child: z.string(), pose });
export const transforms = z.object({ stamp_ns, transforms: z.array(transform).readonly() });
export type Transforms = z.infer<typeof transforms>;

/** Samples of a joint trajectory for the arm's joints, at rest at its end. Rows of n joints; rad, rad/s, rad/s². */
export const jointTrajectory = z.object({
  joint_names: z.array(z.string()).readonly(),
  /** Time from start of every sample, s, increasing from 0. */
  time_s: floats,
  position: floats,
  velocity: floats,
  acceleration: floats,
});
export type JointTrajectory = z.infer<typeof jointTrajectory>;

/** A tolerance that a goal has taken away. */
export const NO_TOLERANCE = Number.MAX_VALUE;

/** Of a trajectory's goal, by names of joints, in place of the controller's own. */
export const trajectoryTolerances = z.object({
  /** Distance from the trajectory on the way, and at its end, rad. */
  path_rad: z.record(z.string(), z.number().positive()).optional(),
  goal_rad: z.record(z.string(), z.number().positive()).optional(),
  /** How long arriving may take after the last sample, s. */
  goal_time_s: z.number().nonnegative().optional(),
});
export type TrajectoryTolerances = z.infer<typeof trajectoryTolerances>;

export const trajectoryGoal = z.object({
  label: z.string(),
  /** When the trajectory begins; at once where it is left out. */
  start_ns: z.bigint().positive().optional(),
  /** From elsewhere, velocity and acceleration may be empty: the controller then times the samples itself. */
  trajectory: jointTrajectory,
  tolerances: trajectoryTolerances.optional(),
});
/** Where the arm's joints are to be and are (rad). */
const trajectoryPoint = z.object({ names: z.array(z.string()).readonly(), desired: floats, actual: floats });
export const trajectoryFeedback = z.object({
  time_s: z.number(),
  max_error_rad: z.number(),
  joints: trajectoryPoint.optional(),
});
/** Error codes of control_msgs/FollowJointTrajectory by name; the code is minus the index. */
export const TRAJECTORY_ERRORS = [
  'successful',
  'invalid_goal',
  'invalid_joints',
  'old_header_timestamp',
  'path_tolerance_violated',
  'goal_tolerance_violated',
] as const;
export const trajectoryResult = z.object({
  ok: z.boolean(),
  reason: z.string(),
  /** NaN where the controller does not say. */
  final_error_rad: z.number().or(z.nan()),
  /** Of a goal that was not reached; one that was cancelled, replaced or stopped has none of its own. */
  error: z.enum(TRAJECTORY_ERRORS).optional(),
});
export type TrajectoryResult = z.infer<typeof trajectoryResult>;

/** control_msgs/GripperCommand: distance between the fingers (m) and force of each finger (N). */
export const gripperGoal = z.object({ width_m: z.number().nonnegative(), force_N: z.number().nonnegative() });
export const gripperFeedback = z.object({ width_m: z.number() });
export const gripperResult = z.object({
  width_m: z.number(),
  /** At rest short of the width asked for: something is between the fingers. */
  stalled: z.boolean(),
  reached: z.boolean(),
});
export type GripperResult = z.infer<typeof gripperResult>;

/** What to move, named as a person would, and where to: the centre of the target zone on the table, frame world. */
export const pickPlaceGoal = z.object({
  object: z.object({ class: objectClass, colour }).readonly(),
  target: vector3,
});
export type PickPlaceGoal = z.infer<typeof pickPlaceGoal>;
/** A flat rectangle on the table, sides along x and y of the world: centre (m) and full sizes (m). */
export const tableRegion = z.object({ centre: vector3, size: z.tuple([z.number(), z.number()]).readonly() }).readonly();
export type TableRegion = z.infer<typeof tableRegion>;
/** An open container standing on the table, sides along x and y: centre of its floor's top, inner sizes along x, y and depth (m). */
export const container = z.object({ centre: vector3, inner: vector3 }).readonly();
export type Container = z.infer<typeof container>;

/** What a cell is to do, one for each kind of task. */
export const taskGoal = z.discriminatedUnion('task', [
  /** Stand one named object on a target. */
  pickPlaceGoal.extend({ task: z.literal('pick-place') }),
  /** Bring every object that is seen to the region of its class. */
  z.object({
    task: z.literal('sort'),
    regions: z.array(z.object({ class: objectClass, region: tableRegion }).readonly()).readonly(),
  }),
  /** Empty the bin into the tray. */
  z.object({ task: z.literal('clutter'), bin: container, tray: container }),
  /** Show every object to the camera, look for a surface defect, and bring it where its verdict says. */
  z.object({ task: z.literal('inspect'), good: tableRegion, defective: tableRegion, unsure: tableRegion }),
]);
export type TaskGoal = z.infer<typeof taskGoal>;
export type TaskGoalOf<Name extends TaskGoal['task']> = Extract<TaskGoal, { task: Name }>;
export const INSPECTION_VERDICTS = ['good', 'defective', 'unsure'] as const;
export type InspectionVerdict = (typeof INSPECTION_VERDICTS)[number];

/** What one stage of the plans made for a goal did; stages inside it follow, one deeper. Costs are seconds and penalties like them. */
export const planStageRow = z
  .object({
    depth: z.number().int(),
    name: z.string(),
    kind: z.enum(['generate', 'compute', 'connect', 'serial', 'fallback', 'alternatives', 'merge']),
    tried: z.number().int(),
    solutions: z.number().int(),
    best_cost: z.number().nullable(),
    failures: z.array(z.object({ reason: z.string(), count: z.number().int() }).readonly()).readonly(),
  })
  .readonly();
export type PlanStageRow = z.infer<typeof planStageRow>;
export const pickPlaceFeedback = z.object({
  stage: z.string(),
  reason: z.string(),
  attempt: z.number().int(),
  /** All plans of the goal so far added up, depth first; only after there was one more. */
  plan_stages: z.array(planStageRow).readonly().optional(),
});
export type PickPlaceFeedback = z.infer<typeof pickPlaceFeedback>;
export const pickPlaceResult = z.object({
  ok: z.boolean(),
  stage: z.string(),
  reason: z.string(),
  attempts: z.number().int(),
  /** As in the feedback. */
  plan_stages: z.array(planStageRow).readonly().optional(),
});
export type PickPlaceResult = z.infer<typeof pickPlaceResult>;

/** Rows of a preview's path, at most. */
export const PREVIEW_ROWS = 60;
/** What a pick would do from here: the way to the grasp, and the grasp. Empty, identity and 0 where there is no plan. */
export const previewPickResult = z.object({
  ok: z.boolean(),
  /** Why there is no plan; empty where there is one. */
  reason: z.string(),
  joint_names: z.array(z.string()).readonly(),
  /** Rows of as many joints (rad), from where the arm is to the grasp. */
  positions: floats,
  /** Tool frame at the grasp. */
  T_world_tool: pose,
  /** Distance between the fingers at the grasp (m). */
  width_m: z.number().nonnegative(),
});
export type PreviewPickResult = z.infer<typeof previewPickResult>;

/** `home`: the robot's home posture. `retreat`: a little up, or back along the tool's approach where up is not free. */
export const GO_PLACES = ['home', 'retreat'] as const;
export type GoPlace = (typeof GO_PLACES)[number];
export const goGoal = z.object({ to: z.enum(GO_PLACES) });
export type GoGoal = z.infer<typeof goGoal>;
export const goResult = z.object({ ok: z.boolean(), reason: z.string() });
export type GoResult = z.infer<typeof goResult>;

/** Look into a container: what lies in it, told by pictures taken from now on. */
export const detectInsideGoal = z.object({ container });
export type DetectInsideGoal = z.infer<typeof detectInsideGoal>;
export const detectInsideResult = z.object({ ok: z.boolean(), reason: z.string(), detections });
export type DetectInsideResult = z.infer<typeof detectInsideResult>;

/** Look at one object that is held still: its shape and where it is, frame world. */
export const inspectSurfaceGoal = z.object({ shape, pose });
export type InspectSurfaceGoal = z.infer<typeof inspectSurfaceGoal>;
export const inspectSurfaceResult = z.object({
  ok: z.boolean(),
  reason: z.string(),
  verdict: z.enum(INSPECTION_VERDICTS),
  /** Contrast of the most conspicuous spot over what noise alone gives, in standard deviations. */
  score: z.number(),
  /** Area that could be judged (m²). */
  area_m2: z.number().nonnegative(),
});
export type InspectSurfaceResult = z.infer<typeof inspectSurfaceResult>;

/** Modes in which commands move the arm. */
export const OPERATING_MODES = ['automatic', 'reduced', 'guided'] as const;
export const SAFETY_MODES = ['initialising', ...OPERATING_MODES, 'protective_stop', 'fault', 'emergency_stop'] as const;
/** State of the gate at one moment. */
export const safetyState = z.object({
  stamp_ns,
  mode: z.enum(SAFETY_MODES),
  latched: z.boolean(),
  reasons: z.array(z.string()).readonly(),
  /** Stop category (IEC 60204-1) of the stop in force, −1 for none; whether the drives may have power. */
  stop_category: z.number().int().min(-1).max(2),
  drives_on: z.boolean(),
  /** Time the verified stopping tail needs from here, s. */
  stop_time_s: z.number(),
  lease_valid: z.boolean(),
  /** Counts since start. */
  passed: z.number().int(),
  limited: z.number().int(),
  stopped: z.number().int(),
  /** What is left of normal work, and the share of the usual speed along paths. */
  degradation: z.enum(DEGRADATIONS),
  pace: z.number().min(0).max(1),
  /** Distance of the arm to the nearest tracked body, and the least that is safe now, m; null where none is tracked. */
  separation_m: z.number().nonnegative().nullable(),
  protective_distance_m: z.number().nonnegative().nullable(),
});
export type SafetyState = z.infer<typeof safetyState>;

/** How long each part of a stage took for one request; modelled in simulation, measured on a robot. */
export const stageLatency = z.object({
  stamp_ns,
  stage: z.string(),
  request_id: z.string(),
  pre_s: z.number(),
  model_s: z.number(),
  post_s: z.number(),
  queue: z.number().int(),
  dropped: z.number().int(),
  model: z.string(),
  /** Where a network ran, e.g. `cpu`, and how many requests ran at once; absent without one. */
  provider: z.string().optional(),
  batch: z.number().int().positive().optional(),
});
export type StageLatency = z.infer<typeof stageLatency>;

export const emptyRequest = z.object({});
/** surepick_msgs/SetMode: the operating mode to select, and for guided mode whether the enabling device is held. */
export const setModeRequest = z.object({ mode: z.enum(OPERATING_MODES), enabled: z.boolean() });
export type SetModeRequest = z.infer<typeof setModeRequest>;
/** surepick_msgs/SetSpeed: share of the trajectories' own speed, 0..1; at 0 the arm waits on its path. */
export const setSpeedRequest = z.object({ speed: z.number().min(0).max(1) });
export type SetSpeedRequest = z.infer<typeof setSpeedRequest>;
export const triggerResponse = z.object({ success: z.boolean(), message: z.string() });
