export { ArmDynamics } from './arm_dynamics.ts';
export type { MotionCheck } from './bridge_check.ts';
export * from './cartesian_impedance.ts';
export * from './computed_torque.ts';
export * from './contact_detector.ts';
export { controllerState, type SentCommand } from './controller_state.ts';
export { DenseCholesky } from './dense_cholesky.ts';
export type { Driver, RobotState } from './driver.ts';
export { GoalRefusal, type GoalStart, goalTrajectory, type TrajectoryError } from './goal_trajectory.ts';
export { GravityCompensation } from './gravity_compensation.ts';
export * from './gripper_controller.ts';
export * from './joint_impedance.ts';
export * from './joint_limit_spring.ts';
export * from './loop.ts';
export * from './momentum_observer.ts';
export { ControlNode } from './node.ts';
export * from './operational_space.ts';
export * from './payload_identification.ts';
export { ActionChunks, type ActionChunksOptions } from './policy/action_chunks.ts';
export type { PolicyInference } from './policy/inference.ts';
export {
  type ActionName,
  actionSize,
  type ObservationName,
  observationSize,
  type PolicyManifest,
  parsePolicyManifest,
  policyManifest,
} from './policy/manifest.ts';
export { type AwaitedInference, ModelledLatency } from './policy/modelled_latency.ts';
export { PolicyObservation } from './policy/policy_observation.ts';
export * from './policy/policy_runner.ts';
export {
  createInferenceMemory,
  type InferenceMemory,
  SharedInference,
  serveInference,
} from './policy/shared_inference.ts';
export {
  type ObservedFeature,
  parseTaskPolicyManifest,
  type TaskPolicyManifest,
  taskObservationSize,
  taskPolicyManifest,
} from './policy/task_manifest.ts';
export { CollisionSlowdown, DEFAULT_SLOWDOWN_OPTIONS, type SlowdownOptions } from './servo/collision_slowdown.ts';
export { readTargets, TARGET_EXTRAS } from './servo/policy_targets.ts';
export { Servo, type ServoGateView } from './servo/servo.ts';
export { type ServoArm, type ServoCommands, servoOn } from './servo/servo_arm.ts';
export type { ServoFrame } from './servo/servo_frames.ts';
export { ServoNode } from './servo/servo_node.ts';
export { DEFAULT_SERVO_OPTIONS, type ServoOptions } from './servo/servo_options.ts';
export { ServoStatus } from './servo/servo_status.ts';
export { servoWithin } from './servo/servo_within.ts';
export { SteeredSource } from './servo/steered_source.ts';
export { isHeldBack, TargetServo } from './servo/target_servo.ts';
export { TaskSpace } from './task_space.ts';
export * from './torque_source.ts';
export { TrackingTolerances } from './tracking_tolerances.ts';
export * from './trajectory_follower.ts';
export { TrajectorySampler } from './trajectory_sampler.ts';
