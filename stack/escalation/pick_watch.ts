import type { TaskGoal } from '../../contracts/index.ts';
import type { Evaluation, TaskInstance, TaskView } from '../../sim/index.ts';

/** An object is in the hand if its centre is within this of the tool's origin (m), and this high over where it stood. */
const IN_HAND_M = 0.08;
const RAISED_M = 0.015;

/**
 * Counts wrong picks by the truth of the simulation, which only the judge knows: something other than the goal's object is
 * carried off, an object is put where another class belongs, or one is sorted by a wrong verdict.
 */
export class PickWatch {
  private readonly goal: TaskGoal;
  private readonly scene: TaskInstance['scene'];
  private readonly state = new Float64Array(13);
  private held = -1;
  private wrong = 0;

  constructor({ goal, scene }: Pick<TaskInstance, 'goal' | 'scene'>) {
    this.goal = goal;
    this.scene = scene;
  }

  /** A stage of the task begins. */
  enter(stage: string, view: TaskView): void {
    if (stage === 'transfer') this.held = this.inHand(view);
    if (this.held < 0) return;
    if (stage === 'transfer' && this.isForeign(this.held)) this.wrong++;
    if (stage === 'retreat' && this.isMisplaced(this.held, view)) this.wrong++;
    if (stage !== 'transfer' && stage !== 'place') this.held = -1;
  }

  wrongPicks({ measures }: Pick<Evaluation, 'measures'>): number {
    return this.wrong + (this.goal.task === 'inspect' ? (measures?.wrong ?? 0) : 0);
  }

  private inHand({ engine, tool_position: [x, y, z] }: TaskView): number {
    const { state, scene } = this;
    let [best, least] = [-1, IN_HAND_M];
    for (let i = 0; i < scene.objects.length; i++) {
      engine.objectState(i, state, 0);
      const gap = Math.hypot(state[0] - x, state[1] - y, state[2] - z);
      if (gap < least && state[2] > scene.objects[i].pose.position[2] + RAISED_M) [best, least] = [i, gap];
    }
    return best;
  }

  private isForeign(i: number): boolean {
    const { goal, scene } = this;
    if (goal.task !== 'pick-place') return false;
    const { class: name, colour } = scene.objects[i];
    return name !== goal.object.class || colour !== goal.object.colour;
  }

  private isMisplaced(i: number, { engine }: TaskView): boolean {
    if (this.goal.task !== 'sort') return false;
    engine.objectState(i, this.state, 0);
    const [x, y] = this.state;
    return this.goal.regions.some(
      ({ class: name, region: { centre, size } }) =>
        name !== this.scene.objects[i].class &&
        Math.abs(x - centre[0]) <= size[0] / 2 &&
        Math.abs(y - centre[1]) <= size[1] / 2,
    );
  }
}
