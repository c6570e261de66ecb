import { parametersOfKind, safety } from '../../launch/index.ts';
import type { Drill } from '../drill.ts';

/** With a beat's period and the gate's next cycle, what is required of any process that dies. */
const REST_S = 0.055;

/** What a signal to the process of a node that the arm must not move without leads to, in a launched graph. */
export function processFault(fault: Pick<Drill, 'name' | 'title'>, signal: 'SIGKILL' | 'SIGSTOP'): Drill {
  return {
    ...fault,
    declared: (cell) => ({ within_s: parametersOfKind(cell, safety).silence_s + REST_S, degradation: 'stop' }),
    moment: 'moving',
    says: /perception (does not answer|has ended|was restarted)/,
    lasting: false,
    ros: { kind: 'perception', signal },
  };
}
