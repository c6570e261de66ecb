import { parametersOfKind, safety } from '../../launch/index.ts';
import type { Drill } from '../drill.ts';

/** With a beat's period and the gate's next cycle, what is required of any process that dies. */
const REST_S = 0.055;

/** A required process of a launched graph answers nothing any more, and does not end. */
export const process_frozen: Drill = {
  name: 'process_frozen',
  title: 'the process of perception is frozen while the arm moves',
  declared: (cell) => ({ within_s: parametersOfKind(cell, safety).silence_s + REST_S, degradation: 'stop' }),
  moment: 'moving',
  says: /perception (does not answer|has ended|was restarted)/,
  lasting: false,
  ros: { kind: 'perception', signal: 'SIGSTOP' },
};
