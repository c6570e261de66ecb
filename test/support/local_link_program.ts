/**
 * `send TOPIC PERIOD_MS`: numbers from 1 on, from the first subscriber on, until stdin ends. `hear TOPIC…`: what came, in order, printed at the end of stdin.
 * Topics that begin with `/fast` are best effort.
 */
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Topic } from '../../contracts/index.ts';
import { RosBus } from '../../ros/index.ts';
import { CONTRACT_MAPPINGS } from './contract_mappings.ts';

const errors: string[] = [];
const [role, ...args] = process.argv.slice(2);
const bus = await RosBus.create({
  node_name: `${role}_${process.pid}`,
  mappings: CONTRACT_MAPPINGS,
  onError: (error, where) => void errors.push(`${where}: ${String(error)}`),
});
const topicOf = (name: string): Topic<{ n: number }> => ({
  ...{ name, ros_type: 'std_msgs/msg/Int32', units: '1', schema: z.object({ n: z.number() }) },
  backpressure: { kind: 'queue', depth: 10_000 },
  qos: { reliability: name.startsWith('/fast') ? 'best_effort' : 'reliable', durability: 'volatile', depth: 100 },
});
const print = (report: object) => process.stdout.write(`${JSON.stringify(report)}\n`);
let ended = () => {};
const end = new Promise<void>((resolve) => {
  ended = resolve;
});
const lines = createInterface(process.stdin).on('close', () => ended());

if (role === 'send') {
  const [name, period] = args;
  const topic = topicOf(name);
  let sent = 0;
  lines.on('line', (line) => print({ asked: line, sent, subscribers: bus.subscribers(topic), link: bus.local_link }));
  while (bus.subscribers(topic) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const timer = setInterval(() => bus.publish(topic, { n: ++sent }), Number(period));
  process.stdout.write('ready\n');
  await end;
  clearInterval(timer);
  print({ sent, errors, rss_mb: process.memoryUsage.rss() / 1e6, link: bus.local_link });
} else {
  const heard = new Map<string, number[]>(args.map((name) => [name, []]));
  for (const [name, numbers] of heard) bus.subscribe(topicOf(name), 'hear', ({ n }) => void numbers.push(n));
  lines.on('line', (line) => print({ asked: line, last: [...heard.values()].map((numbers) => numbers.at(-1) ?? 0) }));
  process.stdout.write('ready\n');
  await end;
  print({ heard: Object.fromEntries(heard), errors, link: bus.local_link });
}
await bus.shutdown();
