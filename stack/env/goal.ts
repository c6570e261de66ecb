import { OBJECT_CLASSES, type TableRegion, type TaskGoal, type Vector3 } from '../../contracts/index.ts';
import type { SceneObject } from '../../sim/index.ts';

/** Names and units of a task's goal as an observation tells it; x, y, z in the frame world. */
export interface GoalField {
  readonly name: string;
  readonly size: number;
  readonly describe: string;
}

const place = (name: string, what: string): GoalField => ({ name, size: 3, describe: `${what}, frame world (m)` });
const region = (name: string): GoalField => ({
  name,
  size: 5,
  describe: `region '${name}': centre x y z, full sizes along x and y, frame world (m)`,
});
const container = (name: string): GoalField => ({
  name,
  size: 6,
  describe: `${name}: centre of its floor, inner sizes along x and y and depth, frame world (m)`,
});

export function goalFields(task: TaskGoal['task']): readonly GoalField[] {
  switch (task) {
    case 'pick-place':
      return [place('target', 'where the wanted object is to stand')];
    case 'sort':
      return OBJECT_CLASSES.map((name) => region(`region_${name}`));
    case 'clutter':
      return [container('bin'), container('tray')];
    case 'inspect':
      return [region('region_good'), region('region_defective'), region('region_unsure')];
  }
}

/** The goal's numbers in the order of `goalFields`. */
export function goalValues(goal: TaskGoal): readonly number[] {
  switch (goal.task) {
    case 'pick-place':
      return goal.target;
    case 'sort':
      return OBJECT_CLASSES.flatMap((name) => regionValues(regionOf(goal, name)));
    case 'clutter':
      return [...goal.bin.centre, ...goal.bin.inner, ...goal.tray.centre, ...goal.tray.inner];
    case 'inspect':
      return [goal.good, goal.defective, goal.unsure].flatMap(regionValues);
  }
}

/** Whether the goal asks for the object to be moved. */
export function isWanted(goal: TaskGoal, object: SceneObject): boolean {
  return goal.task !== 'pick-place' || (object.class === goal.object.class && object.colour === goal.object.colour);
}

/** Where the object is to be brought; null where the goal leaves it open: an inspection decides by what it sees. */
export function destination(goal: TaskGoal, object: SceneObject): Vector3 | null {
  switch (goal.task) {
    case 'pick-place':
      return isWanted(goal, object) ? goal.target : null;
    case 'sort':
      return regionOf(goal, object.class)?.centre ?? null;
    case 'clutter':
      return goal.tray.centre;
    case 'inspect':
      return null;
  }
}

function regionOf(goal: Extract<TaskGoal, { task: 'sort' }>, name: SceneObject['class']): TableRegion | undefined {
  return goal.regions.find((entry) => entry.class === name)?.region;
}

function regionValues(region: TableRegion | undefined): readonly number[] {
  return region === undefined ? [0, 0, 0, 0, 0] : [...region.centre, ...region.size];
}
