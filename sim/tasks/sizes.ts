import type { SceneObject } from '../scene.ts';
import { shapeHeight } from './footprint.ts';
import { inObjectSet, type ObjectSet } from './object_sets.ts';
import type { Range, TaskSpec } from './task.ts';

/** Whether all objects keep the task's sizes and belong to the object set. */
export function keepSizes(objects: readonly SceneObject[], spec: TaskSpec, object_set: ObjectSet): boolean {
  return objects.every((object) => {
    const { shape } = object;
    if (shape.type === 'mesh') return false;
    const edges = shape.type === 'box' ? [shape.size[0], shape.size[1]] : [2 * shape.radius];
    return (
      edges.every((edge) => within(edge, spec.edge_m)) &&
      within(shapeHeight(shape), spec.height_m) &&
      inObjectSet({ class: object.class, colour: object.colour, shape }, object_set)
    );
  });
}

function within(value: number, [low, high]: Range): boolean {
  return value >= low && value <= high;
}
