import type { Robot } from '../../robots/index.ts';
import type { Envelope } from '../envelope.ts';
import { type ContactSpeed, contactSpeed } from '../separation/contact_speed.ts';
import type { Findings } from './report.ts';

const PLACE = 'separation.contact_speed_m_per_s';
const OWN = "and the arm's own contact detection must be on, as it alone ends a contact that clamps";

/**
 * Whether an arm may touch a body as fast as the envelope says: at rest always, in motion only with a table of what a body
 * bears, and no faster than that allows. Null where there is no table.
 */
export function checkContact(envelope: Envelope, robot: Robot, { errors }: Findings): ContactSpeed | null {
  const { separation, contact_limits } = envelope;
  const value = separation?.contact_speed_m_per_s ?? 0;
  if (contact_limits === undefined) {
    const reason = `needs contact_limits with a table of what a body bears and its source, ${OWN}`;
    if (value > 0) errors.push({ place: PLACE, value, bound: 'at most', limit: 0, reason });
    return null;
  }
  const allowed = contactSpeed(contact_limits, robot.model);
  if (value > allowed.speed_m_per_s) {
    const reason = `more than the ${allowed.region} bears (${contact_limits.table.source}), ${OWN}`;
    errors.push({ place: PLACE, value, bound: 'at most', limit: allowed.speed_m_per_s, reason });
  }
  return allowed;
}
