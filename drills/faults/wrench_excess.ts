import { TOPICS } from '../../contracts/index.ts';
import type { Drill } from '../drill.ts';
import { heardOtherwise } from './message_fault.ts';

const FORCE_N = 400;

/** The hand is pushed with more than anything it may touch can push with. */
export const wrench_excess: Drill = {
  name: 'wrench_excess',
  title: `the sensor at the wrist reports ${FORCE_N} N`,
  declared: 'wrench_excess',
  moment: 'moving',
  says: /at the hand/,
  lasting: true,
  embedded: (stage) =>
    heardOtherwise(stage, TOPICS.wrench, () => (wrench) => ({ ...wrench, force: [0, 0, FORCE_N] as const })),
};
