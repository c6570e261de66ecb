/** States of a managed node by their ids of lifecycle_msgs/State (design.ros2.org/articles/node_lifecycle.html). */
export const LIFECYCLE_STATES = {
  unknown: 0,
  unconfigured: 1,
  inactive: 2,
  active: 3,
  finalized: 4,
  configuring: 10,
  cleaningup: 11,
  shuttingdown: 12,
  activating: 13,
  deactivating: 14,
  errorprocessing: 15,
} as const;
export type LifecycleState = keyof typeof LIFECYCLE_STATES;

export const PRIMARY_STATES = ['unconfigured', 'inactive', 'active', 'finalized'] as const;
export type PrimaryState = (typeof PRIMARY_STATES)[number];

/** What a peer may ask for. */
export const REQUESTS = ['configure', 'cleanup', 'activate', 'deactivate', 'shutdown'] as const;
export type LifecycleRequest = (typeof REQUESTS)[number];

/** How the work of a transition ended; `error` goes on to error processing. */
export type TransitionOutcome = 'success' | 'failure' | 'error';

/** One arrow of the state machine: id and label of lifecycle_msgs/Transition. */
export interface LifecycleTransition {
  readonly id: number;
  readonly label: LifecycleRequest | `transition_${TransitionOutcome}`;
  readonly start: LifecycleState;
  readonly goal: LifecycleState;
}

const arrow = (
  id: number,
  label: LifecycleTransition['label'],
  start: LifecycleState,
  goal: LifecycleState,
): LifecycleTransition => ({ id, label, start, goal });

function ends(
  id: number,
  start: LifecycleState,
  success: LifecycleState,
  failure: LifecycleState,
  error: LifecycleState = 'errorprocessing',
): LifecycleTransition[] {
  return [
    arrow(id, 'transition_success', start, success),
    arrow(id + 1, 'transition_failure', start, failure),
    arrow(id + 2, 'transition_error', start, error),
  ];
}

/** The state machine of rcl_lifecycle (default_state_machine.c), arrow by arrow. */
export const LIFECYCLE_TRANSITIONS: readonly LifecycleTransition[] = [
  arrow(1, 'configure', 'unconfigured', 'configuring'),
  ...ends(10, 'configuring', 'inactive', 'unconfigured'),
  arrow(2, 'cleanup', 'inactive', 'cleaningup'),
  ...ends(20, 'cleaningup', 'unconfigured', 'inactive'),
  arrow(3, 'activate', 'inactive', 'activating'),
  ...ends(30, 'activating', 'active', 'inactive'),
  arrow(4, 'deactivate', 'active', 'deactivating'),
  ...ends(40, 'deactivating', 'inactive', 'active'),
  arrow(5, 'shutdown', 'unconfigured', 'shuttingdown'),
  arrow(6, 'shutdown', 'inactive', 'shuttingdown'),
  arrow(7, 'shutdown', 'active', 'shuttingdown'),
  ...ends(50, 'shuttingdown', 'finalized', 'finalized'),
  ...ends(60, 'errorprocessing', 'unconfigured', 'finalized', 'finalized'),
];

/** Whether a node is between two primary states. */
export function isTransitional(state: LifecycleState): boolean {
  return LIFECYCLE_STATES[state] >= LIFECYCLE_STATES.configuring;
}

/** Whether a peer may ask for it; the rest are the ends of transitions. */
export function isRequest(label: string): label is LifecycleRequest {
  return (REQUESTS as readonly string[]).includes(label);
}
