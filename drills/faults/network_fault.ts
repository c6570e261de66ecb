import { loadRobot } from '../../robots/index.ts';
import type { Drill, EmbeddedStage, Injection } from '../drill.ts';
import { declaredReaction, envelopeOfCell } from '../envelope_of_cell.ts';
import { withParameters } from '../graph_change.ts';

/** Pictures answered by another detector than the network that are a finding: a short look at the table shows it. */
const PICTURES = 2;

/** What follows when the network goes wrong as a goal is sent: colour and depth alone answer, and the arm goes slower. */
export function networkFault(
  about: Pick<Drill, 'name' | 'title' | 'says'>,
  embedded: (stage: EmbeddedStage) => Injection,
): Drill {
  return {
    ...about,
    declared: (cell) =>
      declaredReaction(envelopeOfCell(cell, loadRobot(cell.robot, { visualMeshes: false })), 'perception_uncertain'),
    moment: 'goal',
    lasting: true,
    prepare: (cell) => withParameters(cell, 'safety', { monitors: { perception_pictures: PICTURES } }),
    embedded,
  };
}
