import type { Drill } from '../drill.ts';
import { trackPerson } from './tracked_person.ts';

/** A tracker dies while it tells of a person: nobody knows where they are. */
export const bodies_lost: Drill = {
  name: 'bodies_lost',
  title: 'a tracker of people falls silent',
  declared: 'bodies_lost',
  moment: 'moving',
  says: /drilled_tracker|bodies_stale/,
  lasting: true,
  embedded: (stage) => {
    const tracker = trackPerson(stage);
    return { begin: () => tracker.pause(), end: () => tracker.start() };
  },
};
