/**
 * `send SECONDS`: joint states at 100 Hz and 640×480 images at 30 Hz. `hear`: counts them until stdin ends. Both print one
 * line of JSON about themselves at the end.
 */
import { CAMERAS, TOPICS } from '../../contracts/index.ts';
import { RosBus } from '../../ros/index.ts';

const STATE_PERIOD_NS = 10_000_000n;
const IMAGE_PERIOD_NS = 33_333_333n;
const NAMES = Array.from({ length: 7 }, (_, joint) => `panda_joint${joint + 1}`);
const errors: string[] = [];
const [role, seconds] = process.argv.slice(2);
const bus = await RosBus.create({
  node_name: role,
  onError: (error, where) => void errors.push(`${where}: ${String(error)}`),
});

/** How late an empty 10 ms loop of this process wakes, ms, and memory every second, MB. */
const late_ms: number[] = [];
const rss_mb: number[] = [];
let expected_ms = performance.now() + 10;
const idle = setInterval(() => {
  const now_ms = performance.now();
  late_ms.push(now_ms - expected_ms);
  expected_ms = now_ms + 10;
}, 10);
const memory = setInterval(() => rss_mb.push(process.memoryUsage.rss() / 1e6), 1000);

async function finish(report: object): Promise<void> {
  clearInterval(idle);
  clearInterval(memory);
  late_ms.sort((a, b) => a - b);
  const late_p99_ms = late_ms[Math.floor(0.99 * (late_ms.length - 1))] ?? 0;
  process.stdout.write(`${JSON.stringify({ ...report, errors, late_p99_ms, rss_mb })}\n`);
  await bus.shutdown();
}

if (role === 'send') {
  const image = new Uint8Array(640 * 480 * 3);
  const zeros = new Float64Array(7);
  while (bus.subscribers(TOPICS.joint_states) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  process.stdout.write('sending\n');
  const start_ns = bus.clock.now_ns();
  const end_ns = start_ns + BigInt(Number(seconds) * 1e9);
  let states = 0;
  let images = 0;
  const loop = (period_ns: bigint, at_ns: bigint, work: () => void, done: () => void): void => {
    if (at_ns >= end_ns) {
      done();
      return;
    }
    bus.clock.schedule(at_ns, () => {
      work();
      loop(period_ns, at_ns + period_ns, work, done);
    });
  };
  const state = () => {
    const position = Float64Array.of(++states, 0, 0, 0, 0, 0, 0);
    bus.publish(TOPICS.joint_states, {
      stamp_ns: bus.clock.now_ns(),
      names: NAMES,
      position,
      velocity: zeros,
      effort: zeros,
    });
  };
  const picture = () => {
    new DataView(image.buffer).setUint32(0, ++images);
    const stamp_ns = bus.clock.now_ns();
    bus.publish(CAMERAS.overview.colour, { stamp_ns, frame_id: 'camera', width: 640, height: 480, data: image });
  };
  let open = 2;
  const done = () => {
    if (--open === 0) void finish({ states, images });
  };
  loop(STATE_PERIOD_NS, start_ns + STATE_PERIOD_NS, state, done);
  loop(IMAGE_PERIOD_NS, start_ns + IMAGE_PERIOD_NS, picture, done);
} else {
  const arrivals_ms: number[] = [];
  const sequence: number[] = [];
  let images = 0;
  let broken = 0;
  bus.subscribe({ ...TOPICS.joint_states, backpressure: { kind: 'queue', depth: 10 } }, 'hear', ({ position }) => {
    arrivals_ms.push(performance.now());
    sequence.push(position[0]);
  });
  bus.subscribe(CAMERAS.overview.colour, 'hear', ({ data }) => {
    images++;
    if (data.length !== 640 * 480 * 3) broken++;
  });
  process.stdout.write('ready\n');
  process.stdin.resume().on('end', () => {
    const gaps = sequence.slice(1).filter((n, i) => n !== sequence[i] + 1).length;
    // The first ones waited until this process knew of their publisher.
    const steady_ms = arrivals_ms.slice(100);
    const span_s = (steady_ms[steady_ms.length - 1] - steady_ms[0]) / 1000;
    const intervals_ms = arrivals_ms.slice(1).map((at, i) => at - arrivals_ms[i]);
    intervals_ms.sort((a, b) => a - b);
    void finish({
      states: sequence.length,
      first: sequence[0],
      last: sequence[sequence.length - 1],
      gaps,
      images,
      broken,
      rate_hz: (steady_ms.length - 1) / span_s,
      interval_p99_ms: intervals_ms[Math.floor(0.99 * (intervals_ms.length - 1))],
    });
  });
}
