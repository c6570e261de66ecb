import type { Bag } from './bag.ts';
import { isLatched } from './qos.ts';

/** Of static transforms every broadcaster has messages of its own; more are not repeated. */
const MOST_TRANSFORMS = 200;

/**
 * Messages before the one at `from` that a late subscriber would still be told: the last of each latched topic, of `/tf_static` all.
 * Without them the second episode of a bag would know neither frames nor robot.
 */
export function latchedBefore(bag: Bag, from: number, wanted: (topic: number) => boolean): readonly number[] {
  if (from === 0) return [];
  const latched = bag.topics.map((topic, number) => wanted(number) && isLatched(topic));
  if (!latched.includes(true)) return [];
  const chosen = new Map<number, number[]>();
  for (let k = from - 1; k >= 0; k--) {
    const topic = bag.index.topicOf(k);
    if (!latched[topic]) continue;
    const known = chosen.get(topic) ?? [];
    const most = bag.topics[topic].type === 'tf2_msgs/msg/TFMessage' ? MOST_TRANSFORMS : 1;
    if (known.length < most) known.push(k);
    chosen.set(topic, known);
  }
  return [...chosen.values()].flat().sort((a, b) => a - b);
}
