import type { MessageDifference } from './compare_messages.ts';
import { MEASURED_TOPICS } from './measured.ts';
import type { EpisodeReplay } from './replay_episode.ts';

/** Where a replay differs first, in a line; empty where it does not. */
export function differenceText({ compared, record, digest }: EpisodeReplay): string {
  if (compared !== null && compared.first !== null) return messageText(compared.first);
  if (record !== null) return `${record.field}: ${record.recorded} was recorded, ${record.replayed} replayed`;
  return digest.recorded !== null && digest.recorded !== digest.replayed ? 'the digest of its physics' : '';
}

function messageText({ topic, message, time_s, what, field, recorded, replayed }: MessageDifference): string {
  const place = `${topic} message ${message} at ${time_s.toFixed(3)} s`;
  return `${place}, ${what.replace('_', ' ')} ${field}: ${recorded} was recorded, ${replayed} replayed`;
}

/** What is left out of the comparison, and why. */
export function measuredText(): string {
  return MEASURED_TOPICS.map(({ topic, keys, why }) => `${keys.join(', ')} of ${topic}: ${why}`).join('; ');
}

/** How commands get from a recording to an arm. */
export const CONTROLLED_BY =
  'the references of /arm_controller/controller_state, sent as positions through safety gate and driver; nobody looked, nobody decided';
