import { randomBytes } from 'node:crypto';
import { InputError } from '../../contracts/index.ts';
import { type NativeNode, nativeQos, type Rclnodejs } from './native.ts';

/** Bytes of an endpoint's id that all endpoints of its process share (RTPS: the prefix of a GUID). */
const PREFIX_BYTES = 12;
const LOOK_MS = 5;
const PATIENCE_MS = 5_000;

/** What the ids of a process's endpoints begin with, in hexadecimal digits. */
export function participantOf(endpoint_gid: readonly number[]): string {
  return Buffer.from(endpoint_gid.slice(0, PREFIX_BYTES)).toString('hex');
}

/**
 * What the ids of this process's own endpoints begin with: that of a publisher of a hidden topic of its own, for a moment.
 *
 * @param alive  whether the node may still be used
 */
export async function findParticipant(rcl: Rclnodejs, node: NativeNode, alive: () => boolean): Promise<string> {
  const topic = `/_surepick_link_${process.pid}_${randomBytes(6).toString('hex')}`;
  const qos = nativeQos(rcl, { reliability: 'reliable', durability: 'volatile', depth: 1 }, 'out');
  const publisher = node.createPublisher('std_msgs/msg/Empty', topic, { qos });
  try {
    const end_ms = performance.now() + PATIENCE_MS;
    while (alive() && performance.now() < end_ms) {
      const [found] = node.getPublishersInfoByTopic(topic, false);
      if (found !== undefined) return participantOf(found.endpoint_gid);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS).unref());
    }
  } finally {
    if (alive()) node.destroyPublisher(publisher);
  }
  throw new InputError('the graph', 'does not list this process');
}
