import { setTimeout as sleep } from 'node:timers/promises';
import { CAMERAS, SILENT_LOG, TOPICS, type Topic } from '../../contracts/index.ts';
import { EpisodeRecorder } from '../../datasets/index.ts';
import { RosBus } from '../../ros/index.ts';
import { CAMERA_POSE, rosSamples } from './ros_samples.ts';

const LEAST = 3;
const PERIOD_MS = 50;
const LONGEST_MS = 20_000;
const [file] = process.argv.slice(2);
const onError = (error: unknown, where: string) => {
  process.stderr.write(`${where}: ${error instanceof Error ? error.stack : error}\n`);
};

const publisher = await RosBus.create({ node_name: 'everything', onError });
const bus = await RosBus.create({ node_name: 'recorder', onError });
const recorder = new EpisodeRecorder({ file, metadata: { graph: 'drawn' }, depth_hz: 1000 });
await recorder.configure({ bus, clock: bus.clock, log: SILENT_LOG });
recorder.activate();
process.stdout.write('up\n');

const drawn: Topic<unknown>[] = [
  ...Object.values(TOPICS).filter(({ ros_type }) => !/TFMessage|Clock|Heartbeat/.test(ros_type)),
  ...Object.values(CAMERAS).flatMap(({ colour, depth, info }) => [colour, depth, info]),
];
const edge = { parent: 'world', child: 'camera_optical', pose: CAMERA_POSE };
publisher.publish(TOPICS.tf_static, { stamp_ns: 1n, transforms: [edge] });
const samples = rosSamples(11);
// Until every topic was heard a few times: on a busy machine nodes take their time to find each other.
const heard = () =>
  bus.stats().every(({ topic, received }) => received >= (topic === TOPICS.tf_static.name ? 1 : LEAST));
for (let waited_ms = 0; !heard() && waited_ms < LONGEST_MS; waited_ms += PERIOD_MS) {
  const stamp_ns = publisher.clock.now_ns();
  publisher.publish(TOPICS.tf, { stamp_ns, transforms: [{ ...edge, parent: 'camera_optical', child: 'lens' }] });
  for (const topic of drawn) publisher.publish(topic, samples.draw(topic.schema));
  await sleep(PERIOD_MS);
}
await sleep(4 * PERIOD_MS);
const { messages } = await recorder.finish();
process.stdout.write(`recorded ${messages}\n`);
await bus.shutdown();
await publisher.shutdown();
