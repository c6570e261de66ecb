import type { Law, LawSetting, PhysicsCheck } from './check.ts';
import { dynamics } from './dynamics.ts';
import { freeArm } from './free_arm.ts';
import { freeFall } from './free_fall.ts';
import { heldObject } from './held_object.ts';
import { massRatio } from './mass_ratio.ts';
import { momentum } from './momentum.ts';
import { payload } from './payload.ts';
import { pendulum } from './pendulum.ts';
import { push } from './push.ts';
import { restitution } from './restitution.ts';
import { rolling } from './rolling.ts';
import { sliding } from './sliding.ts';
import { slipLoads } from './slip_load.ts';
import { slope } from './slope.ts';
import { stack } from './stack.ts';

export type { EngineFactory, Law, LawSetting, PhysicsCheck } from './check.ts';

/** Every law by name, in the order they are checked. */
export const LAWS: readonly (readonly [string, Law])[] = [
  ['free fall', freeFall],
  ['pendulum', pendulum],
  ['free arm', freeArm],
  ['momentum', momentum],
  ['sliding', sliding],
  ['slope', slope],
  ['stack', stack],
  ['rolling', rolling],
  ['restitution', restitution],
  ['slip load', slipLoads],
  ['held object', heldObject],
  ['payload', payload],
  ['push', push],
  ['mass ratio', massRatio],
  ['dynamics', dynamics],
];

/** All laws for one engine and step; `onLaw` is told how many are done, of how many. */
export function physicsChecks(setting: LawSetting, onLaw?: (done: number, of: number) => void): PhysicsCheck[] {
  const checks: PhysicsCheck[] = [];
  LAWS.forEach(([, law], k) => {
    checks.push(...law(setting));
    onLaw?.(k + 1, LAWS.length);
  });
  return checks;
}
