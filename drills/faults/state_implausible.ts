import { TOPICS } from '../../contracts/index.ts';
import type { Drill } from '../drill.ts';
import { heardOtherwise } from './message_fault.ts';

/** A driver that cannot read a joint and says NaN for it. */
export const state_implausible: Drill = {
  name: 'state_implausible',
  title: 'the velocity of joint 2 is reported as no number',
  declared: 'state_implausible',
  moment: 'moving',
  says: /no number/,
  lasting: true,
  embedded: (stage) =>
    heardOtherwise(stage, TOPICS.joint_states, () => (state) => ({
      ...state,
      velocity: state.velocity.map((v, i) => (i === 1 ? Number.NaN : v)),
    })),
};
