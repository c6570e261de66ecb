import { processFault } from './process_fault.ts';

/** A required process of a launched graph answers nothing any more, and does not end. */
export const process_frozen = processFault(
  { name: 'process_frozen', title: 'the process of perception is frozen while the arm moves' },
  'SIGSTOP',
);
