import type { TableRegion } from '../../../contracts/index.ts';
import { freeSpots, reachesOut, roomAround } from '../../../planning/index.ts';
import type { SceneModel } from '../../../sim/index.ts';
import { asTableObject, type ErrandChooser } from './errand.ts';
import type { GraspChoice } from './grasp_choice.ts';

/** An outline so far inside its region counts as inside for every judge (m). */
const INSIDE_M = 0.0005;
/** What stands on the table has no more air under it than this (m). */
const STANDING_M = 0.002;

/**
 * Objects that each belong in a region of the table, free spots first come, first served: of those outside theirs the one
 * that has slipped least often, and of these the one with the most room around it.
 * @param regions  of every object in the order of the scene; null: it stays where it is
 */
export function regionErrands(
  regions: readonly (TableRegion | null)[],
  { objects }: SceneModel,
  grasps: GraspChoice,
): ErrandChooser {
  return {
    choose: (all, misses) => {
      const seen = all.map((standing, i) => asTableObject(objects[i], standing));
      const open = seen.flatMap((object, i) => {
        const region = regions[i];
        if (region === null) return [];
        const stands = Math.abs(all[i].position[2] - all[i].height_m / 2 - region.centre[2]) < STANDING_M;
        if (stands && reachesOut(object, region) < -INSIDE_M) return [];
        return [{ i, object, region, room: roomAround(object, seen) }];
      });
      open.sort((a, b) => misses[a.i] - misses[b.i] || b.room - a.room);
      for (const { i, object, region } of open) {
        const spots = freeSpots(
          region,
          object,
          seen.filter((_, k) => k !== i),
        );
        const grasp = grasps.choose(
          all[i],
          all.filter((_, k) => k !== i),
        );
        if (spots.length > 0 && grasp !== null) {
          return { object: i, destination: spots[0], ...grasps.roomy(grasp) };
        }
      }
      return null;
    },
  };
}
