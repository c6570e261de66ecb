import { loadRobot } from '../../robots/index.ts';
import type { Drill, EmbeddedStage, Injection } from '../drill.ts';
import { declaredReaction, envelopeOfCell } from '../envelope_of_cell.ts';
import { quickToDoubt } from './quick_to_doubt.ts';

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
    prepare: quickToDoubt,
    embedded,
  };
}
