import { MessageReader } from '@foxglove/rosmsg2-serialization';
import { describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { randomMessage } from '../../test/support/random_message.ts';
import { bestRatio } from '../../test/support/ratio.ts';
import { RosCodec } from '../codec.ts';
import { parseRosDefinition } from '../definitions.ts';

const TYPES = [
  ...['sensor_msgs/msg/JointState', 'sensor_msgs/msg/Image', 'sensor_msgs/msg/CameraInfo', 'tf2_msgs/msg/TFMessage'],
  ...['vision_msgs/msg/Detection3DArray', 'surepick_msgs/msg/DetectionSource', 'surepick_msgs/msg/SafetyState'],
  ...['visualization_msgs/msg/MarkerArray', 'diagnostic_msgs/msg/DiagnosticArray', 'rcl_interfaces/msg/ParameterEvent'],
  ...['control_msgs/action/FollowJointTrajectory_Goal', 'surepick_msgs/action/Task_Goal', 'std_msgs/msg/Empty'],
];
const codecs = TYPES.map((type) => new RosCodec(type));
const ofText = (text: string) => new RosCodec(parseRosDefinition('test/msg/Drawn', text));
const cdr = (...bytes: number[]) => Uint8Array.from([0, 1, 0, 0, ...bytes]);

/** What reading does with bytes: a message, or an InputError; anything else fails. */
function outcome(codec: RosCodec, bytes: Uint8Array): 'read' | 'refused' {
  try {
    codec.decode(bytes);
    return 'read';
  } catch (error) {
    if (error instanceof InputError) return 'refused';
    throw new Error(`${codec.definition.name} of ${Buffer.from(bytes).toString('hex')}`, { cause: error });
  }
}

describe('reading CDR', () => {
  it('refuses every message that is cut short, wherever', () => {
    const rng = createRng(1, 'cut');
    for (const codec of codecs) {
      const whole = codec.encode(randomMessage(codec.definition.types, rng, 2));
      for (let length = 0; length < whole.length; length++) {
        expect(outcome(codec, whole.slice(0, length)), `${codec.definition.name} of ${length} bytes`).toBe('refused');
      }
      expect(outcome(codec, whole)).toBe('read');
    }
  });

  it('survives random bytes, and messages with a few bytes changed', () => {
    const rng = createRng(2, 'fuzz');
    const counts = { read: 0, refused: 0 };
    for (let round = 0; round < 1500; round++) {
      const codec = codecs[round % codecs.length];
      const bytes =
        round % 3 === 0
          ? cdr(...Array.from({ length: rng.int(400) }, () => rng.int(256)))
          : codec.encode(randomMessage(codec.definition.types, rng, 3));
      for (let change = rng.int(4); change > 0 && bytes.length > 4; change--) {
        bytes[4 + rng.int(bytes.length - 4)] = [0, 1, 0x7f, 0x80, 0xff][rng.int(5)];
      }
      counts[outcome(codec, bytes)]++;
    }
    expect(counts.read).toBeGreaterThan(150);
    expect(counts.refused).toBeGreaterThan(150);
  });

  it('makes no room that the bytes do not fill: hostile lengths cost nothing', () => {
    const lengths = [0xffffffff, 0x7fffffff, 100_000_000];
    const elements = ['string', 'bool', 'int8', 'float64', 'uint64', 'time', 'Inner'];
    const inner = `\n${'='.repeat(80)}\nMSG: test/Inner\nfloat64 x\nstring[] names\n`;
    for (const type of elements) {
      const codec = ofText(
        `${type === 'time' ? 'builtin_interfaces/Time' : type}[] many${type === 'Inner' ? inner : ''}`,
      );
      globalThis.gc?.();
      for (const length of lengths) {
        const bytes = new Uint8Array(64);
        bytes.set([0, 1, 0, 0]);
        new DataView(bytes.buffer).setUint32(4, length, true);
        const before = process.memoryUsage();
        expect(outcome(codec, bytes), `${type}[${length}]`).toBe('refused');
        const after = process.memoryUsage();
        const grown = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
        expect(grown, `${type}[${length}]`).toBeLessThan(1_000_000);
      }
    }
    expect(outcome(ofText('string name'), cdr(0xff, 0xff, 0xff, 0xff, 65, 0))).toBe('refused');
    expect(outcome(ofText('float64[4000000000] many'), cdr(0, 0, 0, 0, 0, 0, 0, 0))).toBe('refused');
  });

  it('makes few objects of many bytes, and none for types that lie too deep', () => {
    const many = ofText(`E[] e\n${'='.repeat(80)}\nMSG: test/E\n`);
    const bytes = new Uint8Array(20_000_000);
    bytes.set([0, 1, 0, 0]);
    for (const length of [5_000_000, 1_000_000]) {
      new DataView(bytes.buffer).setUint32(4, length, true);
      expect(outcome(many, bytes), `${length} structures`).toBe(length > 4_000_000 ? 'refused' : 'read');
      expect(outcome(ofText('bool[] many'), bytes), `${length} truth values`).toBe(
        length > 4_000_000 ? 'refused' : 'read',
      );
    }
    const deep = Array.from({ length: 3000 }, (_, k) => `${k === 0 ? '' : `MSG: a/T${k}\n`}T${k + 1} x`);
    const text = `${deep.join(`\n${'='.repeat(80)}\n`)}\n${'='.repeat(80)}\nMSG: a/T3000\nbool y`;
    expect(() => ofText(text)).toThrow(/at most 64 types deep/);
  });

  it('holds bounds', () => {
    const bounded = ofText('string<=4 name\nint32[<=2] few');
    expect(outcome(bounded, ofText('string name\nint32[] few').encode({ name: 'four', few: [1, 2] }))).toBe('read');
    expect(outcome(bounded, ofText('string name\nint32[] few').encode({ name: 'five5', few: [] }))).toBe('refused');
    expect(outcome(bounded, ofText('string name\nint32[] few').encode({ name: 'hé€' })), 'six bytes').toBe('refused');
    expect(outcome(bounded, ofText('string name\nint32[] few').encode({ name: '', few: [1, 2, 3] }))).toBe('refused');
  });

  it('reads either byte order, and refuses what is not plain CDR', () => {
    const codec = ofText('int32 a\nfloat64[] b\nstring c\nuint16 d');
    // a at 4, length of b at 8, b at 16 (12 after the header), c and d behind it.
    const bytes = Buffer.concat([
      Buffer.from([0, 0, 0, 0]),
      Buffer.from('00000007', 'hex'),
      Buffer.from('00000001', 'hex'),
      Buffer.from('c004000000000000', 'hex'),
      Buffer.from('00000003686900', 'hex'),
      Buffer.from('000102', 'hex'),
    ]);
    expect(codec.decode(bytes)).toEqual({ a: 7, b: Float64Array.of(-2.5), c: 'hi', d: 0x0102 });
    for (const kind of [2, 3, 6, 7, 8, 9, 255]) {
      expect(outcome(codec, Uint8Array.from([0, kind, 0, 0, 0, 0, 0, 0]))).toBe('refused');
    }
    expect(() => codec.decode(new Uint8Array(3))).toThrow(/3 bytes: has no CDR header/);
  });

  it('leaves what follows a message alone, and takes strings with and without their NUL', () => {
    expect(ofText('uint8 a').decode(cdr(7, 1, 2, 3))).toEqual({ a: 7 });
    expect(ofText('string a').decode(cdr(2, 0, 0, 0, 104, 105))).toEqual({ a: 'hi' });
    expect(ofText('string a').decode(cdr(0, 0, 0, 0))).toEqual({ a: '' });
    expect(ofText('').decode(cdr(0))).toEqual({});
    expect(outcome(ofText(''), cdr())).toBe('refused');
  });

  it('gives bytes as a view of the message', () => {
    const codec = new RosCodec('sensor_msgs/msg/Image');
    const bytes = codec.encode({ data: Uint8Array.of(1, 2, 3) });
    const { data } = codec.decode(bytes);
    expect(data).toEqual(Uint8Array.of(1, 2, 3));
    expect(data).toMatchObject({ buffer: bytes.buffer });
  });

  it('refuses definitions that cannot be', () => {
    expect(() => ofText(`A a\n${'='.repeat(80)}\nMSG: test/A\ntest/A[] a`)).toThrow(/A: must not contain itself/);
    expect(() => ofText('wstring a')).toThrow(/field a of type wstring/);
    expect(() => ofText('Missing a')).toThrow(/Missing/);
  });

  it('is not slower than the plain library for the state of seven joints', () => {
    const codec = new RosCodec('sensor_msgs/msg/JointState');
    const library = new MessageReader([...codec.definition.types]);
    const seven = Array.from({ length: 7 }, (_, i) => i + 0.5);
    const name = seven.map((_, i) => `panda_joint${i + 1}`);
    const bytes = codec.encode({ name, position: seven, velocity: seven, effort: seven });
    expect(library.readMessage(bytes)).toEqual(codec.decode(bytes));
    expect(
      bestRatio(
        () => codec.decode(bytes),
        () => library.readMessage(bytes),
        1,
      ),
    ).toBeLessThan(1);
  });
});
