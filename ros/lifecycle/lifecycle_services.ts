import { fieldsOf, type RawService } from '../raw_service.ts';
import type { ChangeResult, LifecycleMachine } from './lifecycle_machine.ts';
import { LIFECYCLE_STATES, LIFECYCLE_TRANSITIONS, type LifecycleState, type LifecycleTransition } from './states.ts';

/**
 * The five lifecycle services of a node. `onRefused` hears why a request was not done: ChangeState itself has only a
 * truth value.
 */
export function lifecycleServices(
  machine: LifecycleMachine,
  onRefused: (reason: string) => void,
): readonly RawService[] {
  const service = (type: string, name: string, answer: RawService['answer']): RawService => ({
    type: `lifecycle_msgs/srv/${type}`,
    name: `~/${name}`,
    answer,
  });
  const told = ({ success, refused }: ChangeResult): object => {
    if (refused !== '') onRefused(refused);
    return { success };
  };
  return [
    service('ChangeState', 'change_state', async ({ transition }) => {
      const { id, label } = fieldsOf(transition);
      return told(await machine.changeBy(Number(id), String(label ?? '')));
    }),
    service('GetState', 'get_state', () => ({ current_state: stateToRos(machine.state) })),
    service('GetAvailableStates', 'get_available_states', () => ({
      available_states: (Object.keys(LIFECYCLE_STATES) as LifecycleState[]).map(stateToRos),
    })),
    service('GetAvailableTransitions', 'get_available_transitions', () => ({
      available_transitions: machine.available().map(describeTransition),
    })),
    service('GetAvailableTransitions', 'get_transition_graph', () => ({
      available_transitions: LIFECYCLE_TRANSITIONS.map(describeTransition),
    })),
  ];
}

/** Fields of a lifecycle_msgs/TransitionEvent. */
export function transitionEvent(transition: LifecycleTransition, stamp_ns: bigint): object {
  return { timestamp: stamp_ns, ...describeTransition(transition) };
}

function stateToRos(state: LifecycleState): object {
  return { id: LIFECYCLE_STATES[state], label: state };
}

function describeTransition({ id, label, start, goal }: LifecycleTransition): object {
  return { transition: { id, label }, start_state: stateToRos(start), goal_state: stateToRos(goal) };
}
