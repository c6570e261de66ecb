import type { Node, NodeContext, PickPlaceFeedback, PickPlaceResult, TaskGoal } from '../../contracts/index.ts';

/** What steers the robot in an episode: nodes on the bus, and a goal given to them. */
export interface Policy {
  readonly nodes: readonly Node[];
  /** Sends the goal; the callbacks report stages and the end. */
  start(
    context: NodeContext,
    goal: TaskGoal,
    onStage: (feedback: PickPlaceFeedback) => void,
    onEnd: (result: PickPlaceResult) => void,
  ): void;
  /** After every cycle of control and physics, where it drives the cell itself; the next one waits for what it gives. */
  cycled?(): Promise<void> | undefined;
  /** Times it has decided so far, where it drives the cell itself. */
  readonly decisions?: number;
  /** False: the episode is judged as it stands when the policy reports its end; by default the world comes to rest first. */
  readonly settles?: false;
}
