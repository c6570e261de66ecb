import { describe, expect, it } from 'vitest';
import { freshDomain, type RosProcess, requireRos, startRclpy } from '../../test/support/ros.ts';
import { withoutSharedMemory } from './installation.ts';

/** Says its own word ten times a second and prints, once each, the words that it hears from the other. */
const NODE = `
import sys, rclpy
from std_msgs.msg import String
own, other, word = sys.argv[1:4]
rclpy.init()
node = rclpy.create_node(own)
publisher = node.create_publisher(String, '/from_' + own, 10)
heard = set()
def hear(message):
    if message.data not in heard:
        heard.add(message.data)
        print('heard', message.data, flush=True)
node.create_subscription(String, '/from_' + other, hear, 10)
node.create_timer(0.1, lambda: publisher.publish(String(data=word)))
rclpy.spin(node)
`;
const RESTARTS = 5;

describe.each([
  ['with shared memory', 'without'],
  ['without shared memory', 'with'],
])('a process %s that is killed and started again', (which) => {
  it('is heard and hears, each time, by one of the other kind', { timeout: 200_000 }, async (ctx) => {
    const ros = await requireRos(ctx);
    const domain = freshDomain();
    const without = withoutSharedMemory(ros.env);
    const [dies, lives] = which === 'with shared memory' ? [ros.env, without] : [without, ros.env];
    const start = (env: Readonly<Record<string, string>>, args: readonly string[]): RosProcess =>
      startRclpy({ ...ros, env }, NODE, args, { domain });
    const survivor = start(lives, ['survivor', 'mortal', 'alive']);
    const waits_ms: number[] = [];
    for (let life = 0; life <= RESTARTS; life++) {
      const began_ms = performance.now();
      const mortal = start(dies, ['mortal', 'survivor', `life_${life}`]);
      await Promise.all([mortal.line(/^heard alive$/), survivor.line(new RegExp(`^heard life_${life}$`))]);
      waits_ms.push(performance.now() - began_ms);
      mortal.child.kill('SIGKILL');
      await mortal.ended;
    }
    survivor.child.kill('SIGINT');
    await survivor.ended;
    const seconds = waits_ms.map((ms) => (ms / 1000).toFixed(1)).join(', ');
    process.stdout.write(`${which}: heard both ways after ${seconds} s\n`);
    expect(waits_ms).toHaveLength(RESTARTS + 1);
  });
});
