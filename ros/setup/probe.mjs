// Sends words and waits until each came back: to rclpy and back (argument: `peer`), or to a second node of this process.
// Run by `surepick ros doctor` with the variables of a process that uses ROS.
import { createRequire } from 'node:module';

const WORDS = 5;
const [, , mode, topic] = process.argv;
const library = createRequire(import.meta.url)(process.env.SUREPICK_RCLNODEJS);
const rclnodejs = library.default ?? library;

await rclnodejs.init();
const node = new rclnodejs.Node('surepick_probe');
const out = node.createPublisher('std_msgs/msg/String', `${topic}/out`);
const heard = new Set();
node.createSubscription('std_msgs/msg/String', mode === 'peer' ? `${topic}/back` : `${topic}/out`, ({ data }) => {
  heard.add(data);
});
rclnodejs.spin(node);
let said = 0;
const timer = setInterval(() => {
  if (heard.size < WORDS) {
    out.publish({ data: `größe ${said++}` });
    return;
  }
  clearInterval(timer);
  process.stdout.write(`${JSON.stringify({ words: heard.size, node_api: process.versions.napi })}\n`);
  rclnodejs.shutdown();
}, 100);
