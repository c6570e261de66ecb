import { type PhysicsEngine, type SceneModel, ToldEngine } from '../../sim/index.ts';
import { standing } from './expert/upright.ts';

/** Contacts let things sink in by less than this, and a misplaced camera tells them off by more (m). */
const LEAST_M = 0.001;
/** What is told to hang or to sink by more than this does not stand on the table (m). */
const MOST_M = 0.015;

/**
 * The world with heights over the table rather than over where the camera believes it to be: things that stand on it now, by
 * the middle one of them, stand at nought. The world itself where that is so already, or where fixtures are on the table.
 */
export function overTable(told: PhysicsEngine, { objects, fixtures = [] }: SceneModel): PhysicsEngine {
  if (fixtures.length > 0) return told;
  const state = new Float64Array(13);
  const heights = objects.map(({ shape }, i) => {
    told.objectState(i, state, 0);
    const { position, height_m } = standing(shape, state);
    return position[2] - height_m / 2;
  });
  const stand = heights.filter((height) => Math.abs(height) < MOST_M).sort((a, b) => a - b);
  const level = stand.length === 0 ? 0 : stand[Math.floor(stand.length / 2)];
  if (Math.abs(level) < LEAST_M) return told;
  return new ToldEngine(told, Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, -level));
}
