import { processFault } from './process_fault.ts';

/** A required process of a launched graph ends without a word, as when the machine has no memory left. */
export const process_killed = processFault(
  { name: 'process_killed', title: 'the process of perception is killed while the arm moves' },
  'SIGKILL',
);
