import { z } from 'zod';
import { DEGRADATIONS, type Degradation } from '../../contracts/index.ts';

/** What safe motion rests on, and what can go wrong with it. */
export const FAULTS = [
  'joint_states_late',
  'state_jump',
  'state_implausible',
  'wrench_excess',
  'wrench_frozen',
  'temperature',
  'perception_lost',
  'perception_uncertain',
  'camera_frozen',
  'planner_silent',
  'policy_diverging',
  'policy_unknown_input',
  'bodies_lost',
  'body_implausible',
  'partition',
  'clock_jump',
  'disk_full',
] as const;
export type Fault = (typeof FAULTS)[number];

export const reaction = z
  .strictObject({
    /** From the moment it goes wrong to the first effect on the motion, at most, s. */
    within_s: z.number().positive().max(10),
    degradation: z.enum(DEGRADATIONS),
  })
  .readonly();
export interface Reaction {
  readonly within_s: number;
  readonly degradation: Degradation;
}

export const reactionsSection = z.partialRecord(z.enum(FAULTS), reaction).readonly();

/** Declared reaction of each fault where the envelope says nothing else. */
export const DEFAULT_REACTIONS: Readonly<Record<Fault, Reaction>> = {
  joint_states_late: { within_s: 0.1, degradation: 'stop' },
  state_jump: { within_s: 0.05, degradation: 'stop' },
  state_implausible: { within_s: 0.1, degradation: 'stop' },
  wrench_excess: { within_s: 0.05, degradation: 'stop' },
  wrench_frozen: { within_s: 1, degradation: 'slower' },
  temperature: { within_s: 1, degradation: 'slower' },
  perception_lost: { within_s: 1, degradation: 'hold' },
  perception_uncertain: { within_s: 1, degradation: 'slower' },
  camera_frozen: { within_s: 1, degradation: 'hold' },
  planner_silent: { within_s: 0.5, degradation: 'hold' },
  policy_diverging: { within_s: 0.1, degradation: 'stop' },
  policy_unknown_input: { within_s: 0.1, degradation: 'scripted' },
  bodies_lost: { within_s: 0.3, degradation: 'stop' },
  body_implausible: { within_s: 0.1, degradation: 'stop' },
  partition: { within_s: 0.1, degradation: 'stop' },
  clock_jump: { within_s: 0.1, degradation: 'stop' },
  disk_full: { within_s: 2, degradation: 'hold' },
};
