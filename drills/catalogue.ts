import { InputError } from '../contracts/index.ts';
import type { Drill, DrillBus } from './drill.ts';
import { bodies_lost } from './faults/bodies_lost.ts';
import { body_implausible } from './faults/body_implausible.ts';
import { camera_covered } from './faults/camera_covered.ts';
import { camera_frozen } from './faults/camera_frozen.ts';
import { camera_moved } from './faults/camera_moved.ts';
import { clock_jump } from './faults/clock_jump.ts';
import { depth_missing } from './faults/depth_missing.ts';
import { disk_full } from './faults/disk_full.ts';
import { external_silent } from './faults/external_silent.ts';
import { inference_killed } from './faults/inference_killed.ts';
import { inference_memory } from './faults/inference_memory.ts';
import { inference_nan } from './faults/inference_nan.ts';
import { joint_states_late } from './faults/joint_states_late.ts';
import { model_replaced } from './faults/model_replaced.ts';
import { partition } from './faults/partition.ts';
import { perception_lost } from './faults/perception_lost.ts';
import { perception_uncertain } from './faults/perception_uncertain.ts';
import { planner_silent } from './faults/planner_silent.ts';
import { policy_diverging } from './faults/policy_diverging.ts';
import { policy_unknown_input } from './faults/policy_unknown_input.ts';
import { process_frozen } from './faults/process_frozen.ts';
import { process_killed } from './faults/process_killed.ts';
import { state_implausible } from './faults/state_implausible.ts';
import { state_jump } from './faults/state_jump.ts';
import { temperature } from './faults/temperature.ts';
import { wrench_excess } from './faults/wrench_excess.ts';
import { wrench_frozen } from './faults/wrench_frozen.ts';

/** Every drill, in the order in which they run. */
export const DRILLS: readonly Drill[] = [
  external_silent,
  joint_states_late,
  state_jump,
  state_implausible,
  wrench_excess,
  wrench_frozen,
  temperature,
  perception_lost,
  perception_uncertain,
  camera_frozen,
  camera_covered,
  camera_moved,
  depth_missing,
  inference_killed,
  inference_memory,
  inference_nan,
  model_replaced,
  planner_silent,
  policy_diverging,
  policy_unknown_input,
  bodies_lost,
  body_implausible,
  partition,
  clock_jump,
  disk_full,
  process_killed,
  process_frozen,
];

/** Those that can run on a bus. */
export function drillsOn(bus: DrillBus): Drill[] {
  return DRILLS.filter((drill) => drill[bus] !== undefined);
}

/** The drill of a name, or all that can run on the bus. Throws InputError. */
export function drillsNamed(name: string, bus: DrillBus): Drill[] {
  const possible = drillsOn(bus);
  if (name === 'all') return possible;
  const found = possible.find((drill) => drill.name === name);
  if (found !== undefined) return [found];
  const names = possible.map((drill) => drill.name).join(', ');
  throw new InputError(`drill ${name} on the bus ${bus}`, `all, or one of ${names}`);
}
