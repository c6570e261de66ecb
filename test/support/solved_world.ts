import type { Container, InspectionVerdict, TableRegion, Vector3 } from '../../contracts/index.ts';
import { type SceneObject, surfaceTruth, type TaskInstance } from '../../sim/index.ts';

const VERDICT = { good: 'good', defective: 'defective', ambiguous: 'unsure' } as const satisfies Record<
  ReturnType<typeof surfaceTruth>,
  InspectionVerdict
>;

/** Where every object of a world has to stand for its task to be done: state of each, 13 numbers, upright and at rest. */
export function solvedStates({ scene, goal }: TaskInstance): number[][] {
  const { objects } = scene;
  switch (goal.task) {
    case 'pick-place':
      return objects.map((object) => {
        const wanted = object.class === goal.object.class && object.colour === goal.object.colour;
        return wanted ? standing(object, goal.target) : stateOf(object);
      });
    case 'sort':
      return inTurn(objects, ({ class: name }) => {
        const region = goal.regions.find((r) => r.class === name)?.region;
        if (region === undefined) throw new Error(`no region for ${name}`);
        return region;
      });
    case 'inspect':
      return inTurn(objects, (object) => goal[VERDICT[surfaceTruth(object)]]);
    case 'clutter':
      return inTurn(objects, () => floorOf(goal.tray));
  }
}

/** Fills each region with the objects that belong there, in rows. */
function inTurn(objects: readonly SceneObject[], regionOf: (object: SceneObject) => TableRegion): number[][] {
  const filled = new Map<TableRegion, number>();
  const regions = new Map<string, TableRegion>();
  return objects.map((object) => {
    const drawn = regionOf(object);
    const key = JSON.stringify(drawn);
    const region = regions.get(key) ?? drawn;
    regions.set(key, region);
    const k = filled.get(region) ?? 0;
    filled.set(region, k + 1);
    const [columns, rows] = region.size.map((size) => Math.floor(size / 0.06));
    if (k >= columns * rows) throw new Error(`no room for ${k + 1} objects`);
    const [column, row] = [k % columns, Math.floor(k / columns)];
    return standing(object, [
      region.centre[0] + ((column + 0.5) / columns - 0.5) * region.size[0],
      region.centre[1] + ((row + 0.5) / rows - 0.5) * region.size[1],
      region.centre[2],
    ]);
  });
}

function floorOf({ centre, inner }: Container): TableRegion {
  return { centre, size: [inner[0], inner[1]] };
}

function stateOf({ pose }: SceneObject): number[] {
  return [...pose.position, ...pose.orientation, 0, 0, 0, 0, 0, 0];
}

function standing({ shape }: SceneObject, [x, y, z]: Vector3): number[] {
  const height = shape.type === 'box' ? shape.size[2] : shape.type === 'cylinder' ? shape.length : 0;
  return [x, y, z + height / 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
}
