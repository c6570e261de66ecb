import { z } from 'zod';

const seconds = (most: number) => z.number().min(0).max(most);

/** What a supervisor watches, and from when on it is a fault. A time or force of 0: nobody asks. */
export const monitorParameters = z.strictObject({
  joint_states_silence_s: seconds(5).default(0.06).describe('Longest without joint states once they have come (s).'),
  joint_states_age_s: seconds(5).default(0.06).describe('Oldest that joint states may be when they come (s).'),
  stamp_jitter_s: seconds(0.1)
    .default(0)
    .describe('How late or early joint states may be stamped, as on a busy machine (s).'),
  force_N: z.number().min(0).default(150).describe('Most force at the hand (N).'),
  torque_Nm: z.number().min(0).default(50).describe('Most torque at the hand (Nm).'),
  wrench_frozen_s: seconds(60).default(0.5).describe('The same wrench for so long in motion is a frozen sensor (s).'),
  warm_C: z.number().default(70).describe('Temperature of a joint from which on the arm is slower (°C).'),
  hot_C: z.number().default(80).describe('Temperature of a joint from which on it stops (°C).'),
  perception_silence_s: seconds(60)
    .default(0.8)
    .describe('Longest that whoever waits for detections waits for the next (s).'),
  perception_readers: z
    .array(z.string())
    .readonly()
    .default(['planning', 'policy'])
    .describe('Nodes that act on what is seen: only while one of them reads detections are these watched.'),
  perception_score: z.number().min(0).max(1).default(0.3).describe('Score from which on a detection is sure.'),
  perception_pictures: z.number().int().min(1).default(5).describe('Unsure pictures in a row that are a finding.'),
  bodies_silence_s: seconds(5)
    .default(0.25)
    .describe('Longest silence of a source of tracked bodies that was heard (s).'),
  policy_least_passed: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('Share of commands of a policy that the gate must be able to let pass …'),
  policy_window_s: seconds(5).default(0.08).describe('… at least once in so long (s).'),
  planners: z.array(z.string()).readonly().default([]).describe('Nodes that plan, whose /heartbeats must not end.'),
  planner_silence_s: seconds(5).default(0.25).describe('Longest without a heartbeat of a planner (s).'),
  partition_silence_s: seconds(5).default(0.08).describe('All peers silent for so long: a partition (s).'),
  clock_jump_s: seconds(3600).default(0.05).describe('Most that the bus’s time may go ahead at once (s).'),
});
export type MonitorParameters = z.infer<typeof monitorParameters>;
