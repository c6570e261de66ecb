import { TOPICS } from '../../contracts/index.ts';
import type { Drill } from '../drill.ts';
import { quickToDoubt } from './quick_to_doubt.ts';

const SCORE = 0.1;

/** Dirt, glare or objects it does not know: the network is sure of nothing. */
export const perception_uncertain: Drill = {
  name: 'perception_uncertain',
  title: `no detection has a score over ${SCORE}`,
  declared: 'perception_uncertain',
  moment: 'goal',
  says: /pictures in a row/,
  lasting: true,
  prepare: quickToDoubt,
  embedded: ({ wires, nodeOf }) => {
    let end = () => {};
    return {
      begin: () => {
        end = wires.change(TOPICS.detections, { node: nodeOf('perception'), way: 'says' }, (message) => ({
          ...message,
          detections: message.detections.map((detection) => ({
            ...detection,
            score: Math.min(detection.score, SCORE),
          })),
        }));
      },
      end: () => end(),
    };
  },
};
