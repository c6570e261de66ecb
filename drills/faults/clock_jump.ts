import { secondsToStamp } from '../../contracts/index.ts';
import type { Drill } from '../drill.ts';

const JUMP_S = 2;

/** Somebody sets the clock of the supervisor's machine ahead, and back again at the end. */
export const clock_jump: Drill = {
  name: 'clock_jump',
  title: `the supervisor’s clock goes ahead by ${JUMP_S} s`,
  declared: 'clock_jump',
  moment: 'moving',
  says: /time went/,
  lasting: false,
  embedded: ({ clockOf, nodeOf }) => {
    const clock = clockOf(nodeOf('safety'));
    return {
      begin: () => {
        clock.shift_ns = secondsToStamp(JUMP_S);
      },
      end: () => {
        clock.shift_ns = 0n;
      },
    };
  },
};
