import { describe, expect, it } from 'vitest';
import { CAMERAS, hardwareTopics, type Qos, TOPICS } from '../contracts/index.ts';
import { hostedNodes } from '../test/support/hosted_nodes.ts';
import type { RosPeer } from '../test/support/ros_peer.ts';

interface Declared {
  readonly name: string;
  readonly ros_type: string;
  readonly qos: Qos;
}

const EVERY: readonly Declared[] = [
  ...Object.values(TOPICS),
  ...Object.values(CAMERAS).flatMap((camera) => Object.values(camera)),
  ...Object.values(hardwareTopics('/joint_trajectory_controller')),
  {
    name: `${TOPICS.detections.name}/source`,
    ros_type: 'surepick_msgs/msg/DetectionSource',
    qos: TOPICS.detections.qos,
  },
];

/** Who publishes a topic, once the peer has heard whose endpoints they are: that comes after the endpoints. */
async function publishersOf(peer: RosPeer, name: string): Promise<Record<string, unknown>[]> {
  for (let look = 0; look < 250; look++) {
    const { publishers } = await peer.endpoints(name);
    if (publishers.every(({ node }: { node: string }) => !node.includes('UNKNOWN'))) return publishers;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nobody knows who publishes ${name}`);
}

const ready = hostedNodes('every_topic_program');

describe('every topic, echoed by rclpy', () => {
  it('has the type and quality of service that the contracts say, and arrives', async (ctx) => {
    const { peer, start } = await ready(ctx);
    for (const { name, ros_type, qos } of EVERY) await peer.subscribe(ros_type, name, qos);
    const node = await start();
    for (const { name, ros_type, qos } of EVERY) {
      const [message] = await peer.collect(name, ({ length }) => length > 0);
      expect(Object.keys(message).length, name).toBeGreaterThan(0);
      const publishers = await publishersOf(peer, name);
      const { reliability, durability } = qos;
      expect(publishers, name).toEqual([{ node: '/everything', type: ros_type, reliability, durability }]);
    }
    const { topics } = await peer.graph();
    expect(EVERY.filter(({ name, ros_type }) => topics[name]?.[0] !== ros_type)).toEqual([]);
    expect(node.stderr()).toBe('');

    // A latched topic is heard by who comes after its publisher has fallen silent; another is not.
    node.child.stdin?.write('enough\n');
    await node.line(/^quiet/);
    for (const { name } of EVERY) await peer.take(name);
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (const { name } of EVERY) await peer.take(name);
    const latched = EVERY.filter(({ qos }) => qos.durability === 'transient_local');
    for (const { name, ros_type, qos } of [...latched, TOPICS.joint_states]) await peer.subscribe(ros_type, name, qos);
    for (const { name } of latched) await peer.collect(name, ({ length }) => length > 0);
    expect(await peer.take(TOPICS.joint_states.name)).toEqual([]);

    node.child.kill('SIGTERM');
    expect(await node.ended).toMatchObject({ code: 0, stderr: '' });
  });
});
