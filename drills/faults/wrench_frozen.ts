import { TOPICS, type Wrench } from '../../contracts/index.ts';
import type { Drill } from '../drill.ts';
import { heardOtherwise } from './message_fault.ts';

/** A sensor whose driver repeats its last reading under new stamps. */
export const wrench_frozen: Drill = {
  name: 'wrench_frozen',
  title: 'the sensor at the wrist repeats one reading',
  declared: 'wrench_frozen',
  moment: 'moving',
  says: /has not changed/,
  lasting: true,
  embedded: (stage) =>
    heardOtherwise(stage, TOPICS.wrench, () => {
      let first: Wrench | null = null;
      return (wrench) => {
        first ??= wrench;
        return { ...first, stamp_ns: wrench.stamp_ns };
      };
    }),
};
