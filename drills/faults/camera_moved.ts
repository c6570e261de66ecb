import { loadRobot } from '../../robots/index.ts';
import type { Drill } from '../drill.ts';
import { declaredReaction, envelopeOfCell } from '../envelope_of_cell.ts';
import { withParameters } from '../graph_change.ts';
import { quickToDoubt } from './quick_to_doubt.ts';

/** So far along its view, m: the table alone shows that; sideways it is seen when the arm comes into view. */
const SHIFT_M = 0.005;
/** Between the knock and the goal, s: time to notice it in pictures of the cell at rest. */
const NOTICED_S = 3;

/** Somebody bumps into the stand of the camera: all that it sees is elsewhere by some millimetres. */
export const camera_moved: Drill = {
  name: 'camera_moved',
  title: `the camera over the table is knocked out of its place by ${1e3 * SHIFT_M} mm`,
  declared: (cell) => {
    const reaction = declaredReaction(
      envelopeOfCell(cell, loadRobot(cell.robot, { visualMeshes: false })),
      'perception_uncertain',
    );
    return { ...reaction, within_s: reaction.within_s + NOTICED_S };
  },
  moment: 'goal',
  lead_s: NOTICED_S,
  says: /the camera has moved/,
  lasting: true,
  prepare: (cell) => withParameters(quickToDoubt(cell), 'perception', { watch_cameras: true }),
  embedded: ({ displaceCamera }) => ({
    begin: () => displaceCamera('overview', [0, 0, SHIFT_M, 0, 0, 0]),
    end: () => displaceCamera('overview', [0, 0, -SHIFT_M, 0, 0, 0]),
  }),
};
