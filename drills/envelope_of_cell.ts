import { type Cell, control, envelopeOf, parametersOfKind } from '../launch/index.ts';
import type { Robot } from '../robots/index.ts';
import { DEFAULT_REACTIONS, type Envelope, type Fault, type Reaction } from '../safety/index.ts';

/** The envelope that a cell's gate has: the file that its control node names, or the robot's own. */
export function envelopeOfCell(cell: Cell, robot: Robot): Envelope {
  return envelopeOf(parametersOfKind(cell, control).envelope, robot);
}

/** What an envelope declares of a fault. */
export function declaredReaction(envelope: Envelope, fault: Fault): Reaction {
  return envelope.reactions?.[fault] ?? DEFAULT_REACTIONS[fault];
}
