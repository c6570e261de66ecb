/**
 * A busy node that ends in one of the ways that processes end. `natural`: closed, nothing left to do; `exit`: process.exit in
 * the middle of its work; `callback`: the same within a message's handler; `sigterm`: closed by a handler of the signal.
 */
import { ACTIONS, CAMERAS, SERVICES, TOPICS } from '../../contracts/index.ts';
import { RosBus } from '../../ros/index.ts';

const [way] = process.argv.slice(2);
const onError = (error: unknown, where: string) => process.stderr.write(`${where}: ${String(error)}\n`);
const buses = await Promise.all(['one', 'two'].map((node_name) => RosBus.create({ node_name, onError })));
const [one, two] = buses;
const names = ['a'];
const state = Float64Array.of(0);
const image = { frame_id: 'camera', width: 320, height: 240, data: new Uint8Array(320 * 240 * 3) };
let heard = 0;

async function close(): Promise<void> {
  clearInterval(timer);
  await Promise.all(buses.map((bus) => bus.shutdown()));
}

function enough(): void {
  if (way === 'callback') process.exit(0);
  if (way === 'exit') setImmediate(() => process.exit(0));
  if (way === 'natural') void close();
  if (way === 'sigterm') process.kill(process.pid, 'SIGTERM');
}

process.once('SIGTERM', () => void close().then(() => process.exit(0)));
two.subscribe(TOPICS.joint_states, 'two', () => {
  if (++heard === 10) enough();
});
two.subscribe(CAMERAS.overview.colour, 'two', () => {});
one.serve(SERVICES.safety_stop, () => ({ success: true, message: '' }));
one.serveAction(ACTIONS.gripper, () => {});
const timer = setInterval(() => {
  const stamp_ns = one.clock.now_ns();
  one.publish(TOPICS.joint_states, { stamp_ns, names, position: state, velocity: state, effort: state });
  one.publish(CAMERAS.overview.colour, { stamp_ns, ...image });
  two.call(SERVICES.safety_stop, {}).catch(() => {});
}, 5);
two.sendGoal(ACTIONS.gripper, { width_m: 0.01, force_N: 1 }, { onResult: () => {} });
