import { type BodyTracks, TOPICS } from '../../contracts/index.ts';
import type { EmbeddedStage } from '../drill.ts';
import { Periodic } from '../periodic.ts';

const PERIOD_S = 0.05;
/** Out of reach of any arm at a table: what is drilled is the tracker, not the person. */
const FAR_M = 6;

/** A tracker that tells of one person who stands far away; `change` is what it makes of that. */
export function trackPerson(
  { bus, clock, robot }: EmbeddedStage,
  change: (tracks: BodyTracks) => BodyTracks = (tracks) => tracks,
): Periodic {
  const frame_id = robot.model.frames[0].name;
  return new Periodic(clock, PERIOD_S, (stamp_ns) =>
    bus.publish(
      TOPICS.bodies,
      change({
        ...{ stamp_ns, frame_id, source: 'drilled_tracker' },
        bodies: [
          {
            ...{ id: 1, kind: 'person', radius_m: 0.3, length_m: 1.2, position_error_m: 0.02 },
            pose: { position: [FAR_M, 0, 0.3], orientation: [0, 0, 0, 1] },
            velocity_m_per_s: [0, 0, 0],
          },
        ],
      }),
    ),
  );
}
