import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAMERAS, DEGRADATIONS, SAFETY_MODES, TOPICS } from '../contracts/index.ts';
import { syntheticDetections } from '../test/support/synthetic_episode.ts';
import { createChannels, fromRosTime, RosCodec, toRosTime } from './index.ts';

const channels = createChannels();
const number = fc.double({ noNaN: false });
const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
const stamp = fc.bigInt(0n, 2n ** 31n * 1_000_000_000n - 1n);
const vector = fc.tuple(number, number, number);
const pose = fc.record({ position: vector, orientation: fc.tuple(number, number, number, number) });
const runs = { numRuns: 100, seed: 7 };

const time = (stamp_ns: bigint) => ({ sec: Number(stamp_ns / 10n ** 9n), nanosec: Number(stamp_ns % 10n ** 9n) });

describe('CDR of the recorded topics', () => {
  it('keeps stamps to the nanosecond', () => {
    fc.assert(
      fc.property(stamp, (stamp_ns) => {
        expect(toRosTime(stamp_ns)).toEqual(time(stamp_ns));
        expect(fromRosTime(toRosTime(stamp_ns))).toBe(stamp_ns);
      }),
      runs,
    );
  });

  it('keeps joint states bit for bit, whatever their names', () => {
    const floats = fc.array(number, { maxLength: 9 }).map((values) => Float64Array.from(values));
    const joints = fc.record({
      stamp_ns: stamp,
      names: fc.array(text),
      position: floats,
      velocity: floats,
      effort: floats,
    });
    fc.assert(
      fc.property(joints, (message) => {
        const decoded = channels.joint_states.codec.decode(bytes(channels.joint_states.encode(message)));
        expect(decoded).toEqual({
          header: { stamp: time(message.stamp_ns), frame_id: '' },
          name: message.names,
          position: message.position,
          velocity: message.velocity,
          effort: message.effort,
        });
      }),
      runs,
    );
  });

  it('keeps transforms and wrenches', () => {
    const edges = fc.array(fc.record({ parent: text, child: text, pose }), { maxLength: 5 });
    fc.assert(
      fc.property(stamp, edges, vector, vector, text, (stamp_ns, transforms, force, torque, frame_id) => {
        const tf = channels.tf.codec.decode(bytes(channels.tf.encode({ stamp_ns, transforms })));
        expect(tf).toEqual({
          transforms: transforms.map(({ parent, child, pose: { position, orientation } }) => ({
            header: { stamp: time(stamp_ns), frame_id: parent },
            child_frame_id: child,
            transform: { translation: xyz(position), rotation: { ...xyz(orientation), w: orientation[3] } },
          })),
        });
        const wrench = channels.wrench.codec.decode(
          bytes(channels.wrench.encode({ stamp_ns, frame_id, force, torque })),
        );
        expect(wrench).toEqual({
          header: { stamp: time(stamp_ns), frame_id },
          wrench: { force: xyz(force), torque: xyz(torque) },
        });
      }),
      runs,
    );
  });

  it('keeps safety states', () => {
    const distance = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });
    const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    const state = fc.record({
      ...{ stamp_ns: stamp, mode: fc.constantFrom(...SAFETY_MODES), latched: fc.boolean(), reasons: fc.array(text) },
      ...{ stop_category: fc.integer({ min: -1, max: 2 }), drives_on: fc.boolean() },
      ...{ stop_time_s: number, lease_valid: fc.boolean(), passed: count, limited: count, stopped: count },
      ...{ degradation: fc.constantFrom(...DEGRADATIONS), pace: fc.double({ min: 0, max: 1, noNaN: true }) },
      ...{ separation_m: fc.option(distance), protective_distance_m: fc.option(distance) },
    });
    fc.assert(
      fc.property(state, (message) => {
        const { stamp_ns, mode, degradation, passed, limited, stopped, ...rest } = message;
        expect(channels.safety_state.codec.decode(bytes(channels.safety_state.encode(message)))).toEqual({
          ...rest,
          stamp: time(stamp_ns),
          mode: SAFETY_MODES.indexOf(mode),
          degradation: DEGRADATIONS.indexOf(degradation),
          separation_m: message.separation_m ?? -1,
          protective_distance_m: message.protective_distance_m ?? -1,
          ...{ passed: BigInt(passed), limited: BigInt(limited), stopped: BigInt(stopped) },
        });
      }),
      runs,
    );
  });

  it('writes strings by their bytes, not by their UTF-16 units', () => {
    const codec = new RosCodec('std_msgs/msg/String');
    fc.assert(
      fc.property(text, (data) => {
        const encoded = codec.encode({ data });
        const length = new DataView(encoded.buffer, encoded.byteOffset).getUint32(4, true);
        expect(length).toBe(Buffer.byteLength(data) + 1);
        expect(encoded.length).toBe(4 + 4 + length);
        expect(Buffer.from(encoded.subarray(8, 8 + length - 1)).toString()).toBe(data);
      }),
      runs,
    );
  });

  it('says of a detection what vision_msgs can, and the rest in its source', () => {
    const seen = syntheticDetections(5n);
    const array = channels.detections.codec.decode(bytes(channels.detections.encode(seen)));
    expect(array).toMatchObject({
      detections: [
        { id: '0', bbox: { size: { x: 0.05, y: 0.04, z: 0.045 } }, results: [{ hypothesis: { class_id: 'red box' } }] },
        {
          id: '1',
          bbox: { size: { x: 0.04, y: 0.04, z: 0.05 } },
          results: [{ hypothesis: { class_id: 'blue cylinder' } }],
        },
      ],
    });
    const source = channels.detection_source.codec.decode(bytes(channels.detection_source.encode(seen)));
    expect(source).toMatchObject({
      source: 'onnx',
      request_id: 'overview/12',
      regions: [
        { id: '0', shape: 'box', colour: 'red', left: 100, top: 80, width: 24, height: 20, pixels: 240 },
        { id: '1', shape: 'cylinder', colour: 'blue' },
      ],
    });
  });

  it('names topics and types as ROS has them', () => {
    expect(channels.overview.colour.topic).toBe(`${CAMERAS.overview.colour.name}/compressed`);
    expect(channels.joint_states.codec.definition.name).toBe(TOPICS.joint_states.ros_type);
    expect(channels.latency.codec.definition.name).toBe('diagnostic_msgs/msg/DiagnosticArray');
  });
});

const xyz = ([x, y, z]: readonly number[]) => ({ x, y, z });

function bytes(encoded: Uint8Array | Promise<Uint8Array>): Uint8Array {
  if (encoded instanceof Promise) throw new Error('encoded in the background');
  return encoded;
}
