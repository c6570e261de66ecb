import type { Bag } from '../rosbag/bag.ts';
import { latchedBefore } from '../rosbag/latched.ts';

/** What of an episode is exported. */
export interface SliceOptions {
  /** Null for all. */
  readonly topics: readonly string[] | null;
  /** From the first message of the episode, s; null for no limit. */
  readonly from_s: number | null;
  readonly to_s: number | null;
}

/** Chosen messages of a bag by their number in order of log time. */
export interface Slice {
  /** From before the range: the last of each latched topic; they get the log time of its beginning. */
  readonly latched: readonly number[];
  readonly messages: readonly number[];
  readonly start_ns: bigint;
}

/** Messages of the topics in [from_s, to_s). */
export function sliceOf(bag: Bag, { topics, from_s, to_s }: SliceOptions): Slice {
  const { index } = bag;
  const wanted = bag.topics.map(({ name }) => topics === null || topics.includes(name));
  if (index.messages === 0) return { latched: [], messages: [], start_ns: 0n };
  const start_ns = index.timeOf(0);
  const low = from_s === null ? start_ns : start_ns + nanoseconds(from_s);
  const high = to_s === null ? null : start_ns + nanoseconds(to_s);
  const messages: number[] = [];
  let first = index.messages;
  for (let k = 0; k < index.messages; k++) {
    const at = index.timeOf(k);
    if (at < low) continue;
    first = Math.min(first, k);
    if (high !== null && at >= high) break;
    if (wanted[index.topicOf(k)]) messages.push(k);
  }
  if (messages.length === 0) return { latched: [], messages, start_ns: low };
  return { latched: latchedBefore(bag, first, (topic) => wanted[topic]), messages, start_ns: low };
}

const nanoseconds = (s: number): bigint => BigInt(Math.round(s * 1e9));
