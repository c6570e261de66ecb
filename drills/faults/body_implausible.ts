import type { Drill } from '../drill.ts';
import { trackPerson } from './tracked_person.ts';

const SPEED_M_PER_S = 20;

/** A tracker that confuses people, or is told lies: a person who is faster than people are. */
export const body_implausible: Drill = {
  name: 'body_implausible',
  title: `a person is tracked at ${SPEED_M_PER_S} m/s`,
  declared: 'body_implausible',
  moment: 'moving',
  says: /drilled_tracker|body_out_of_bounds/,
  lasting: true,
  embedded: (stage) => {
    let wrong = false;
    trackPerson(stage, (tracks) => {
      if (!wrong) return tracks;
      return {
        ...tracks,
        bodies: tracks.bodies.map((body) => ({ ...body, velocity_m_per_s: [0, SPEED_M_PER_S, 0] })),
      };
    });
    return {
      begin: () => {
        wrong = true;
      },
      end: () => {
        wrong = false;
      },
    };
  },
};
