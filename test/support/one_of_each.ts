import { type Bus, CAMERAS, type SimClock, TOPICS } from '../../contracts/index.ts';
import { syntheticDetections } from './synthetic_episode.ts';

/** Text that is not ASCII: letters of two, three and four bytes. */
export const AWKWARD_TEXT = 'Größe 40 µm – 箱 🤖';

/** One message of every topic, of small size and awkward values, one millisecond apart. */
export function publishOneOfEach(bus: Bus, clock: SimClock): void {
  let stamp_ns = 1_700_000_000_123_456_789n;
  const next = () => {
    stamp_ns += 1_000_000n;
    clock.advance(stamp_ns);
    return stamp_ns;
  };
  const pose = { position: [0.1, -0.2, 0.3], orientation: [0.5, -0.5, 0.5, 0.5] } as const;
  bus.publish(TOPICS.joint_states, {
    stamp_ns: next(),
    names: ['panda_joint1', AWKWARD_TEXT, ''],
    position: Float64Array.of(0.1, -0, 5e-324),
    velocity: Float64Array.of(1 / 3, -2.5, 1.7976931348623157e308),
    effort: new Float64Array(0),
  });
  const rows = { position: Float64Array.of(0.1, -0), velocity: Float64Array.of(5e-324, 2.5) };
  const arm = { joint_names: ['panda_joint1', AWKWARD_TEXT], reference: rows, feedback: rows, error: rows };
  bus.publish(TOPICS.controller_state, { stamp_ns: next(), ...arm });
  bus.publish(TOPICS.wrench, { stamp_ns: next(), frame_id: 'panda_hand', force: [1, 2, 3], torque: [-0.1, 0.2, 1e-9] });
  bus.publish(TOPICS.tf, {
    stamp_ns: next(),
    transforms: [
      { parent: 'world', child: 'panda_link0', pose },
      { parent: 'panda_link0', child: AWKWARD_TEXT, pose },
    ],
  });
  bus.publish(TOPICS.tf_static, { stamp_ns: next(), transforms: [] });
  bus.publish(TOPICS.safety_state, {
    ...{
      stamp_ns: next(),
      mode: 'protective_stop',
      latched: true,
      reasons: [AWKWARD_TEXT, 'stale'],
      stop_category: 1,
      drives_on: false,
      stop_time_s: 0.25,
    },
    ...{ lease_valid: false, passed: 2 ** 40 + 1, limited: 3, stopped: 1 },
    ...{ degradation: 'slower', pace: 0.25, separation_m: 1.25, protective_distance_m: 0.75 },
  });
  bus.publish(TOPICS.detections, {
    ...syntheticDetections(next()),
    source: 'classical',
    degraded_reason: AWKWARD_TEXT,
  });
  bus.publish(TOPICS.detections, { ...syntheticDetections(next()), detections: [] });
  bus.publish(TOPICS.latency, {
    ...{ stamp_ns: next(), stage: 'perception', request_id: 'overview/3', model: 'vision@1', queue: 1, dropped: 2 },
    ...{ pre_s: 0.001, model_s: 0.25, post_s: 1e-7 },
  });
  for (const [name, camera] of Object.entries(CAMERAS)) {
    const frame = { stamp_ns: next(), frame_id: `${name}_optical_frame`, width: 4, height: 3 };
    const T = [0, 0, -1, 0.95, 1, 0, 0, 0, 0, -1, 0, 0.69, 0, 0, 0, 1];
    bus.publish(camera.info, {
      ...{ ...frame, name, K: [4.25, 0, 1.5, 0, 4.25, 1, 0, 0, 1], D: [0.1, -0.01, 0, 0, 0.001] },
      ...{ distortion_model: 'plumb_bob' as const, T_world_camera_optical: T },
    });
    bus.publish(camera.colour, { ...frame, data: Uint8Array.from({ length: 36 }, (_, i) => 7 * i) });
    const depth = [0, 0.0004, 0.0006, 0.5, 1.2345, 65.535, 70, Number.NaN, Number.POSITIVE_INFINITY, -1, 2, 3];
    bus.publish(camera.depth, { ...frame, data: Float32Array.from(depth) });
  }
}
