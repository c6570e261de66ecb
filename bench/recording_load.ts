import { setImmediate as immediately, setTimeout as sleep } from 'node:timers/promises';
import {
  CAMERAS,
  type ColourImage,
  createRng,
  type DepthImage,
  InProcessBus,
  SimClock,
  TOPICS,
} from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';

const STATE_HZ = 1000;
export const CAMERA_HZ = 30;
const [WIDTH, HEIGHT] = [640, 480];
/** Pictures of each camera that take turns. */
const RING = 4;
/** The loop wakes up so often, ms. */
const PERIOD_MS = 2;
/** Messages that come before others have their turn. */
const MOST_AT_ONCE = 20;

/** What was published on the topics of a robot with two cameras. */
export interface Published {
  states: number;
  pictures: number;
  /** Longest that the process came too late to publish, s: what else the machine does. */
  pause_s: number;
}

/**
 * Publishes in real time what an arm with two cameras does: joint states and the controller's state at 1 kHz each, and from
 * two cameras of 640×480 a noisy colour and depth picture at 30 Hz; the clock is set to the time of each message.
 */
export class RecordingLoad {
  readonly bus = new InProcessBus();
  readonly clock = new SimClock();
  private readonly names = loadRobot('panda').model.joint_names;
  private readonly colours: readonly Uint8Array<ArrayBuffer>[];
  private readonly depths: readonly Float32Array<ArrayBuffer>[];
  private elapsed_ms = 0;

  constructor() {
    const rng = createRng(7, 'recording load');
    const noise = Float32Array.from({ length: 1 << 16 }, () => rng.normal());
    this.colours = Array.from({ length: RING }, () => colourPicture(noise, rng.int(1 << 16)));
    this.depths = Array.from({ length: RING }, () => depthPicture(noise, rng.int(1 << 16)));
  }

  /** Resolves after so many seconds of wall time. @param every  called whenever messages have been published */
  async publish(seconds: number, every: () => void = () => {}): Promise<Published> {
    const published: Published = { states: 0, pictures: 0, pause_s: 0 };
    const [begun_ms, base_ms] = [performance.now(), this.elapsed_ms];
    for (let passed_ms = 0; passed_ms < 1000 * seconds; ) {
      await sleep(PERIOD_MS);
      const before_ms = passed_ms;
      passed_ms = Math.min(performance.now() - begun_ms, 1000 * seconds);
      published.pause_s = Math.max(published.pause_s, (passed_ms - before_ms - PERIOD_MS) / 1000);
      while (published.states < (passed_ms * STATE_HZ) / 1000) {
        this.clock.advance(BigInt(Math.round(1e6 * (base_ms + (1000 * published.states) / STATE_HZ))));
        this.publishState();
        if (published.states++ % (STATE_HZ / 10) === 0) every();
        if (published.pictures < (published.states * CAMERA_HZ) / STATE_HZ) this.publishPictures(published.pictures++);
        // After a pause of the process messages come one by one, too.
        if (published.states % MOST_AT_ONCE === 0) await immediately();
      }
    }
    this.elapsed_ms = base_ms + 1000 * seconds;
    return published;
  }

  private publishState(): void {
    const { bus, names } = this;
    const stamp_ns = this.clock.now_ns();
    const t = Number(stamp_ns) / 1e9;
    const row = (phase: number) => Float64Array.from(names, (_, i) => Math.sin(t + i + phase));
    const [position, velocity, effort] = [row(0), row(1), row(2)];
    bus.publish(TOPICS.joint_states, { stamp_ns, names, position, velocity, effort });
    const reference = { position: row(0.001), velocity: row(1.001) };
    const error = { position: row(3), velocity: row(4) };
    bus.publish(TOPICS.controller_state, {
      ...{ stamp_ns, joint_names: names, reference, feedback: { position, velocity }, error },
    });
  }

  private publishPictures(k: number): void {
    const stamp_ns = this.clock.now_ns();
    for (const [i, camera] of [CAMERAS.overview, CAMERAS.wrist].entries()) {
      const frame = { stamp_ns, frame_id: 'camera_optical', width: WIDTH, height: HEIGHT };
      const colour: ColourImage = { ...frame, data: this.colours[(k + i) % RING] };
      const depth: DepthImage = { ...frame, data: this.depths[(k + i) % RING] };
      this.bus.publish(camera.colour, colour);
      this.bus.publish(camera.depth, depth);
    }
  }
}

/** Blocks on a shaded table, under noise. */
function colourPicture(noise: Float32Array, offset: number): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(3 * WIDTH * HEIGHT);
  for (let i = 0; i < data.length; i++) {
    const [u, v] = [Math.floor(i / 3) % WIDTH, Math.floor(i / 3 / WIDTH)];
    const clean = (u >> 6) % 3 === 1 && (v >> 6) % 3 === 1 ? 60 * (1 + (i % 3)) : 80 + v / 4;
    data[i] = Math.max(0, Math.min(255, clean + 4 * noise[(offset + 7 * i) & 0xffff]));
  }
  return data;
}

function depthPicture(noise: Float32Array, offset: number): Float32Array<ArrayBuffer> {
  const data = new Float32Array(WIDTH * HEIGHT);
  for (let i = 0; i < data.length; i++) {
    const v = Math.floor(i / WIDTH);
    data[i] = i % 97 === 0 ? 0 : 1.2 - v / 800 + 0.002 * noise[(offset + 11 * i) & 0xffff];
  }
  return data;
}
