import { type JointState, TOPICS } from '../contracts/index.ts';
import { loadRclnodejs, RosBus } from '../ros/index.ts';

const PING = { ...TOPICS.joint_states, name: '/ping' };
const PONG = { ...TOPICS.joint_states, name: '/pong' };
const NAMES = Array.from({ length: 7 }, (_, joint) => `panda_joint${joint + 1}`);

/** One end of the round trip: hears states and sends them. */
interface End {
  listen(handler: (state: { readonly sequence: number }) => void): void;
  send(sequence: number): void;
  subscribers(): number;
  close(): Promise<void>;
}

const positions = (sequence: number) => Float64Array.from(NAMES, (_, joint) => (joint === 0 ? sequence : 0.1 * joint));

async function ourEnd(role: string): Promise<End> {
  const bus = await RosBus.create({ node_name: `surepick_${role}`, onError: fail });
  const [out, back] = role === 'ping' ? [PING, PONG] : [PONG, PING];
  const velocity = new Float64Array(7);
  return {
    listen: (handler) => bus.subscribe(back, role, ({ position }: JointState) => handler({ sequence: position[0] })),
    send: (sequence) =>
      bus.publish(out, {
        stamp_ns: bus.clock.now_ns(),
        names: NAMES,
        position: positions(sequence),
        velocity,
        effort: velocity,
      }),
    subscribers: () => bus.subscribers(out),
    close: () => bus.shutdown(),
  };
}

/** The library as its own documentation uses it: message objects. */
async function objectEnd(role: string): Promise<End> {
  const rcl = loadRclnodejs();
  const context = new rcl.Context();
  await rcl.init(context, []);
  const node = new rcl.Node(`objects_${role}`, '', context, {}, [], false);
  const [out, back] = role === 'ping' ? ['ping', 'pong'] : ['pong', 'ping'];
  const type = 'sensor_msgs/msg/JointState';
  const qos = new rcl.QoS(1, 10, 1, 2);
  const publisher = node.createPublisher(type, out, { qos });
  const velocity = new Float64Array(7);
  node.spin(10);
  return {
    listen: (handler) =>
      void node.createSubscription(type, back, { qos, isRaw: false }, (fields) => {
        handler({ sequence: Number(Array.from(fields.position as Float64Array)[0]) });
      }),
    send: (sequence) => {
      const now_ms = Date.now();
      const stamp = { sec: Math.floor(now_ms / 1000), nanosec: (now_ms % 1000) * 1_000_000 };
      const header = { stamp, frame_id: '' };
      publisher.publish({ header, name: NAMES, position: positions(sequence), velocity, effort: velocity });
    },
    subscribers: () => publisher.subscriptionCount,
    close: async () => context.shutdown(),
  };
}

function fail(error: unknown, where: string): void {
  process.stderr.write(`${where}: ${String(error)}\n`);
  process.exitCode = 1;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends `count` states one after another, each when the last has come back; returns the times, µs. */
async function ping(end: End, count: number): Promise<number[]> {
  let resolve: (sequence: number) => void = () => {};
  end.listen(({ sequence }) => resolve(sequence));
  while (end.subscribers() === 0) await sleep(20);
  const times_us: number[] = [];
  for (let n = 1; n <= count; n++) {
    const started = performance.now();
    let back = -1;
    for (let tries = 0; back !== n; tries++) {
      if (tries === 100) throw new Error(`ping ${n} never came back`);
      const lost = setTimeout(() => resolve(-1), 500);
      back = await new Promise<number>((done) => {
        resolve = done;
        end.send(n);
      });
      clearTimeout(lost);
    }
    times_us.push(1000 * (performance.now() - started));
  }
  return times_us;
}

const [form, role, count] = process.argv.slice(2);
const end = await (form === 'ours' ? ourEnd : objectEnd)(role);
if (role === 'pong') {
  end.listen(({ sequence }) => end.send(sequence));
  process.stdout.write('ready\n');
  process.stdin.resume().on('end', () => void end.close());
} else {
  const times_us = await ping(end, Number(count));
  process.stdout.write(`${JSON.stringify(times_us)}\n`);
  await end.close();
}
