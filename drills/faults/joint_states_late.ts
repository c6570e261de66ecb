import { TOPICS } from '../../contracts/index.ts';
import type { Drill } from '../drill.ts';

const LATE_S = 0.15;

/** A network or driver that keeps messages back. */
export const joint_states_late: Drill = {
  name: 'joint_states_late',
  title: `joint states reach the supervisor ${1000 * LATE_S} ms late`,
  declared: 'joint_states_late',
  moment: 'moving',
  says: /joint states/,
  lasting: true,
  embedded: ({ wires, nodeOf }) => {
    let end = () => {};
    return {
      begin: () => {
        end = wires.delay(TOPICS.joint_states, { node: nodeOf('safety'), way: 'hears' }, LATE_S);
      },
      end: () => end(),
    };
  },
};
