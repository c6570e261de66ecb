import { TOPICS } from '../../contracts/index.ts';
import type { Drill } from '../drill.ts';
import { heardOtherwise } from './message_fault.ts';

const JUMP_RAD = 0.5;

/** An encoder that loses its zero: one joint is reported elsewhere from one state to the next, and back again at the end. */
export const state_jump: Drill = {
  name: 'state_jump',
  title: `joint 1 is reported ${JUMP_RAD} rad from where it was`,
  declared: 'state_jump',
  moment: 'moving',
  says: /moved by/,
  lasting: false,
  embedded: (stage) =>
    heardOtherwise(stage, TOPICS.joint_states, () => (state) => ({
      ...state,
      position: state.position.map((q, i) => (i === 0 ? q + JUMP_RAD : q)),
    })),
};
