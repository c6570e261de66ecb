/** Why the arm is held where somebody has tampered with it at run time, and the rule by which the audit log tells of it. */
export const TAMPERING = {
  'tampering.second_supervisor': 'another supervisor of this arm is heard on /safety/state',
  'tampering.grant_channel': 'another process grants motion to this arm',
  'tampering.envelope': 'control has loaded another envelope than the one that was approved; restart the graph',
} as const;
export type TamperingRule = keyof typeof TAMPERING;

const RULES = Object.keys(TAMPERING) as TamperingRule[];

/** The rule of a reason for which the arm is held; null for one that is no tampering. */
export function tamperingRule(reason: string): TamperingRule | null {
  return RULES.find((rule) => TAMPERING[rule] === reason) ?? null;
}
