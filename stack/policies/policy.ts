import type { Node, NodeContext, PickPlaceResult, TaskGoal } from '../../contracts/index.ts';

/** What steers the robot in an episode: nodes on the bus, and a goal given to them. */
export interface Policy {
  readonly nodes: readonly Node[];
  /** Sends the goal; the callbacks report stages and the end. */
  start(
    context: NodeContext,
    goal: TaskGoal,
    onStage: (stage: string, attempt: number) => void,
    onEnd: (result: PickPlaceResult) => void,
  ): void;
}
