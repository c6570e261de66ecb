import type { Cell } from '../../launch/index.ts';
import { withParameters } from '../graph_change.ts';

/** Pictures in a row. */
const PICTURES = 2;

/** The cell with a supervisor that finds fewer unsure pictures a fault: the task looks at no more than three before it moves. */
export function quickToDoubt(cell: Cell): Cell {
  return withParameters(cell, 'safety', { monitors: { perception_pictures: PICTURES } });
}
