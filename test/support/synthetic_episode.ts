import {
  type Bus,
  CAMERAS,
  type CameraTopics,
  createRng,
  type Detections,
  type Rng,
  type SimClock,
  secondsToStamp,
  TOPICS,
} from '../../contracts/index.ts';

const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const NAMES = [...[1, 2, 3, 4, 5, 6, 7].map((i) => `panda_joint${i}`), 'panda_finger_joint1'];
const LINKS = [...Array.from({ length: 9 }, (_, i) => `panda_link${i}`), 'panda_hand', 'panda_hand_tcp'];

export interface SyntheticOptions {
  readonly seed: number;
  readonly seconds: number;
  /** Noise of the pictures: standard deviation of a colour channel (0..255) and of depth (m). */
  readonly colour_noise: number;
  readonly depth_noise_m: number;
}

/**
 * Publishes what an episode publishes, at its rates and sizes: joint states 100 Hz, wrench and transforms 20 Hz, overview
 * 320x240 and wrist 128x128 with sensor noise at 10 Hz, detections at 1 Hz. `settle` is awaited after every step of 10 ms.
 */
export async function publishEpisode(
  bus: Bus,
  clock: SimClock,
  options: SyntheticOptions,
  settle: () => Promise<void>,
): Promise<void> {
  const rng = createRng(options.seed).stream('synthetic');
  const noise = Float64Array.from({ length: 65_536 }, () => rng.normal());
  bus.publish(TOPICS.tf_static, transforms(0n, ['overview_optical_frame'], 0));
  const steps = Math.round(options.seconds * 100);
  for (let step = 1; step <= steps; step++) {
    const t = step / 100;
    const stamp_ns = secondsToStamp(t);
    clock.advance(stamp_ns);
    bus.publish(TOPICS.joint_states, {
      stamp_ns,
      names: NAMES,
      position: Float64Array.from(NAMES, (_, i) => Math.sin(t + i)),
      velocity: Float64Array.from(NAMES, (_, i) => Math.cos(t + i)),
      effort: Float64Array.from(NAMES, (_, i) => 10 * Math.sin(0.7 * t + i) + rng.normal()),
    });
    if (step % 5 === 0) {
      bus.publish(TOPICS.tf, transforms(stamp_ns, LINKS, t));
      const force = [rng.normal(), rng.normal(), -1.3 + rng.normal()] as const;
      bus.publish(TOPICS.wrench, { stamp_ns, frame_id: 'panda_hand', force, torque: [0, 0.01, 0] });
      bus.publish(TOPICS.safety_state, {
        ...{
          stamp_ns,
          mode: 'automatic',
          latched: false,
          reasons: [],
          stop_time_s: 0.1,
          lease_valid: true,
          stop_category: -1,
          drives_on: true,
        },
        ...{ passed: step * 5, limited: 0, stopped: 0 },
        ...{ degradation: 'none', pace: 1, separation_m: null, protective_distance_m: null },
      });
    }
    if (step % 10 === 0) {
      publishFrame(bus, CAMERAS.overview, 'overview', 320, 240, stamp_ns, rng, noise, options);
      publishFrame(bus, CAMERAS.wrist, 'wrist', 128, 128, stamp_ns, rng, noise, options);
    }
    if (step % 100 === 0) bus.publish(TOPICS.detections, syntheticDetections(stamp_ns));
    if (step % 100 === 0) {
      bus.publish(TOPICS.latency, {
        ...{ stamp_ns, stage: 'perception', request_id: `overview/${step / 10}`, model: 'vision@1' },
        ...{ pre_s: 0.001, model_s: 0.004, post_s: 0.002, queue: 0, dropped: 0 },
      });
    }
    await settle();
  }
}

function transforms(stamp_ns: bigint, children: readonly string[], t: number) {
  return {
    stamp_ns,
    transforms: children.map((child, i) => ({
      parent: 'world',
      child,
      pose: {
        position: [0.1 * i, Math.sin(t), 0.5] as const,
        orientation: [0, 0, Math.sin(t / 2), Math.cos(t / 2)] as const,
      },
    })),
  };
}

function publishFrame(
  bus: Bus,
  camera: CameraTopics,
  name: string,
  width: number,
  height: number,
  stamp_ns: bigint,
  rng: Rng,
  noise: Float64Array,
  { colour_noise, depth_noise_m }: SyntheticOptions,
): void {
  const frame = { stamp_ns, frame_id: `${name}_optical_frame`, width, height };
  const { colour, depth } = picture(width, height, rng, noise, colour_noise, depth_noise_m);
  const f = width / 2 / Math.tan(((50 / 2) * Math.PI) / 180);
  bus.publish(camera.info, {
    ...frame,
    ...{ name, K: [f, 0, (width - 1) / 2, 0, f, (height - 1) / 2, 0, 0, 1], D: [0, 0, 0, 0, 0] },
    ...{ distortion_model: 'plumb_bob' as const, T_world_camera_optical: IDENTITY },
  });
  bus.publish(camera.colour, { ...frame, data: colour });
  bus.publish(camera.depth, { ...frame, data: depth });
}

/** A tilted table with coloured blocks on it under independent noise on every pixel. */
function picture(
  width: number,
  height: number,
  rng: Rng,
  noise: Float64Array,
  colour_noise: number,
  depth_noise: number,
) {
  const colour = new Uint8Array(3 * width * height);
  const depth = new Float32Array(width * height);
  const k = rng.int(noise.length);
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      const i = v * width + u;
      const block = (u >> 5) % 3 === 1 && (v >> 5) % 3 === 1;
      const shade = 90 + 60 * (v / height);
      for (let c = 0; c < 3; c++) {
        const clean = block && c === (u >> 5) % 3 ? 220 : shade;
        colour[3 * i + c] = Math.max(0, Math.min(255, clean + colour_noise * noise[(k + 7 * (3 * i + c)) & 0xffff]));
      }
      depth[i] = 0.6 + 0.6 * (1 - v / height) - (block ? 0.04 : 0) + depth_noise * noise[(k + 11 * i + 5) & 0xffff];
    }
  }
  return { colour, depth };
}

/** A box and a cylinder as the network reports them. */
export function syntheticDetections(stamp_ns: bigint): Detections {
  const covariance = Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? 1e-6 : 0));
  const common = { score: 0.97, covariance, pixels: 240 };
  return {
    stamp_ns,
    ...{ frame_id: 'world', request_id: 'overview/12', source: 'onnx', degraded_reason: '', model: 'vision@1' },
    faults: ['blur'],
    detections: [
      {
        ...common,
        ...{ id: 0, class: 'box', colour: 'red', image_box: [100, 80, 24, 20] },
        shape: { type: 'box', size: [0.05, 0.04, 0.045] },
        pose: { position: [0.5, 0.1, 0.0225], orientation: [0, 0, 0.2588190451025207, 0.9659258262890683] },
        confidence: { visible: 0.875, possible: ['box', 'unknown'], verdict: 'look_again', reason: 'score 0.97' },
      },
      {
        ...common,
        ...{ id: 1, class: 'cylinder', colour: 'blue', image_box: [200, 120, 18, 22] },
        shape: { type: 'cylinder', radius: 0.02, length: 0.05 },
        pose: { position: [0.45, -0.15, 0.025], orientation: [0, 0, 0, 1] },
      },
    ],
  };
}
