import { TOPICS } from '../../contracts/index.ts';
import type { Drill } from '../drill.ts';

/** A camera's cable, or a detector that hangs: somebody waits for detections, and none come. */
export const perception_lost: Drill = {
  name: 'perception_lost',
  title: 'detections stop coming when a goal needs them',
  declared: 'perception_lost',
  moment: 'goal',
  says: /no detections/,
  lasting: true,
  embedded: ({ wires, nodeOf }) => {
    let end = () => {};
    return {
      begin: () => {
        end = wires.drop(TOPICS.detections, { node: nodeOf('perception'), way: 'says' });
      },
      end: () => end(),
    };
  },
};
