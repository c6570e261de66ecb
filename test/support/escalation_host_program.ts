/** A graph that asks: pictures at 10 Hz, an escalation node, and a task that is in doubt of a red box. Says how it ended. */
import { CAMERAS, SILENT_LOG, TOPICS } from '../../contracts/index.ts';
import { EscalationNode } from '../../perception/index.ts';
import { RosBus } from '../../ros/index.ts';
import { drawnFrame, seenBox } from './escalation_rig.ts';

const onError = (error: unknown, where: string) => process.stderr.write(`${where}: ${String(error)}\n`);
const bus = await RosBus.create({ node_name: 'asking', onError });
const { clock } = bus;
const node = new EscalationNode({ answer_within_s: 120 });
await node.configure({ bus, clock, log: SILENT_LOG });
node.activate();
const { colour, depth, info } = CAMERAS.overview;
const pose = { position: [0.5, 0, 0.8], orientation: [1, 0, 0, 0] } as const;
const stands = { parent: 'world', child: 'overview_optical_frame', pose };
bus.publish(TOPICS.tf_static, { stamp_ns: clock.now_ns(), transforms: [stands] });
let asked = false;
const timer = setInterval(() => {
  const stamp_ns = clock.now_ns();
  const frame = drawnFrame(stamp_ns);
  bus.publish(info, frame.info);
  bus.publish(colour, frame.colour);
  bus.publish(depth, frame.depth);
  const told = {
    stamp_ns,
    frame_id: 'world',
    request_id: 'overview/1',
    model: 'vision@1',
    degraded_reason: '',
  } as const;
  bus.publish(TOPICS.detections, { ...told, source: 'onnx', detections: [seenBox()] });
  if (asked) return;
  // the picture has to be back from the wire
  setTimeout(() => {
    if (!asked) bus.publish(TOPICS.doubts, { ...told, source: 'onnx', detections: [seenBox()] });
  }, 60);
}, 100);
bus.subscribe(TOPICS.escalations, 'host', ({ id }) => {
  if (!asked) process.stdout.write(`asked ${id}\n`);
  asked = true;
});
bus.subscribe(
  TOPICS.escalation_ends,
  'host',
  ({ end, answer, by, reason }) => void process.stdout.write(`${JSON.stringify({ end, answer, by, reason })}\n`),
);
process.once('SIGTERM', () => {
  clearInterval(timer);
  node.deactivate();
  void bus.shutdown().then(() => process.exit(0));
});
