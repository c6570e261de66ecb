import { InvalidStateError } from '../engine.ts';
import { check, type Law, type LawSetting, type PhysicsCheck } from './check.ts';
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
  return LAWS.flatMap(([name, law], k) => {
    const checks = checked(name, law, setting);
    onLaw?.(k + 1, LAWS.length);
    return checks;
  });
}

/** A world that is no longer finite fails its law, and the others go on. */
function checked(name: string, law: Law, setting: LawSetting): readonly PhysicsCheck[] {
  try {
    return law(setting);
  } catch (error) {
    if (!(error instanceof InvalidStateError)) throw error;
    return [check(`${name}: ${error.message}`, 0, 1, 0, 'invalid states')];
  }
}
