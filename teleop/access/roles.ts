/** Who somebody is at the robot. Each may do what those before it may. */
export const ROLES = ['viewer', 'operator', 'supervisor'] as const;
export type Role = (typeof ROLES)[number];

/**
 * What can be done through the server. `view`: state, pictures, recordings. `stop`: a protective stop. `mark`: mark a moment,
 * write an incident bundle. `control`: ask for the control lease, give it up, hand it over. `operate`: whatever moves the arm,
 * with the lease. `answer`: questions of the robot. `acknowledge`: alarms. `reset`: leave a stop. `approve`: hand in an
 * approval that was signed elsewhere. `administer`: further codes for others, ending others' sessions.
 */
export const ACTIONS = [
  'view',
  'stop',
  'mark',
  'control',
  'operate',
  'answer',
  'acknowledge',
  'reset',
  'approve',
  'administer',
] as const;
export type Action = (typeof ACTIONS)[number];

const LOWEST: Readonly<Record<Action, Role>> = {
  view: 'viewer',
  stop: 'viewer',
  mark: 'operator',
  control: 'operator',
  operate: 'operator',
  answer: 'operator',
  acknowledge: 'operator',
  reset: 'operator',
  approve: 'supervisor',
  administer: 'supervisor',
};

/** Whether a role may do something. Everybody who is known may stop the robot. */
export function permits(role: Role, action: Action): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(LOWEST[action]);
}
