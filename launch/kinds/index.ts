import { commissioning } from './commissioning.ts';
import { control } from './control.ts';
import type { NodeKind } from './kind.ts';
import { mission } from './mission.ts';
import { perception } from './perception.ts';
import { planning } from './planning.ts';
import { recorder } from './recorder.ts';
import { robot_state_publisher } from './robot_state_publisher.ts';
import { safety } from './safety.ts';
import { sim } from './sim.ts';
import { tracks } from './tracks.ts';

export { wantedOf } from './approved_things.ts';
export { armIdentity } from './arm_identity.ts';
export { control } from './control.ts';
export { envelopeOf } from './envelope_file.ts';
export type { BuildContext, NodeKind, ParameterSchema } from './kind.ts';
export { envelopeInForce, monitorsWithin, riskWatchOf } from './risk_budget_file.ts';
export { safety } from './safety.ts';
export { sim } from './sim.ts';
export {
  parametersOfEntry,
  robotWithTool,
  splitTool,
  takesTool,
  toolEntrySchema,
  toolOf,
} from './tool_parameters.ts';

/** A further kind is a file and a line here. */
const KINDS = {
  sim,
  control,
  safety,
  robot_state_publisher,
  perception,
  tracks,
  planning,
  recorder,
  mission,
  commissioning,
} as const;
export type KindName = keyof typeof KINDS;

function isKindName(name: string): name is KindName {
  return Object.hasOwn(KINDS, name);
}

export const KIND_NAMES: readonly KindName[] = Object.keys(KINDS).filter(isKindName);

export function kindOf(name: KindName): NodeKind {
  return KINDS[name];
}
