import { ACTIONS, type Node } from '../../contracts/index.ts';
import type { Policy } from './policy.ts';

/** A policy of nodes that serve the task action themselves. */
export function plannedPolicy(nodes: readonly Node[]): Policy {
  return {
    nodes,
    start({ bus }, goal, onStage, onEnd) {
      bus.sendGoal(ACTIONS.task, goal, {
        onFeedback: onStage,
        onResult: (_status, result) => onEnd(result),
      });
    },
  };
}
