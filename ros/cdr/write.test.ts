import { inspect } from 'node:util';
import { MessageReader, MessageWriter } from '@foxglove/rosmsg2-serialization';
import { describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { randomMessage } from '../../test/support/random_message.ts';
import { bestRatio } from '../../test/support/ratio.ts';
import { RosCodec } from '../codec.ts';
import { parseRosDefinition } from '../definitions.ts';

const ofText = (text: string) => new RosCodec(parseRosDefinition('test/msg/Drawn', text));

describe('writing CDR', () => {
  it('writes what an independent reader reads', () => {
    const rng = createRng(3, 'write');
    for (const type of ['sensor_msgs/msg/JointState', 'tf2_msgs/msg/TFMessage', 'vision_msgs/msg/Detection3DArray']) {
      const codec = new RosCodec(type);
      const reader = new MessageReader([...codec.definition.types]);
      for (let round = 0; round < 50; round++) {
        const message = randomMessage(codec.definition.types, rng);
        // The library loses a byte order mark at the beginning of a string.
        if (inspect(message, { depth: null }).includes('\ufeff')) continue;
        expect(reader.readMessage(codec.encode(message))).toEqual(message);
      }
    }
  });

  it('gives equal bytes for equal messages, whatever was written before', () => {
    const codec = new RosCodec('tf2_msgs/msg/TFMessage');
    const rng = createRng(4, 'bytes');
    const messages = Array.from({ length: 20 }, () => randomMessage(codec.definition.types, rng));
    const first = messages.map((message) => Buffer.from(codec.encode(message)));
    const again = messages.toReversed().map((message) => Buffer.from(codec.encode(message)));
    expect(again.toReversed()).toEqual(first);
  });

  it.each([
    ['int8 a', { a: 128 }, 'test/msg/Drawn.a = 128: must be an integer from -128 to 127'],
    ['uint32 a', { a: -1 }, 'must be an integer from 0 to 4294967295'],
    ['int32 a', { a: Number.NaN }, 'Drawn.a = NaN'],
    ['int32 a', { a: 1.5 }, 'must be an integer'],
    ['uint64 a', { a: -1n }, 'must be an integer from 0 to 18446744073709551615'],
    ['int64 a', { a: 2 ** 60 }, 'must be an integer'],
    ['float64 a', { a: '1' }, 'Drawn.a = "1": must be a number'],
    ['bool a', { a: 1 }, 'must be true or false'],
    ['string a', { a: 5 }, 'must be a string'],
    ['string<=3 a', { a: 'h€' }, 'must be of at most 3 bytes'],
    ['float64[3] a', { a: [1, 2] }, 'Drawn.a = "2 elements": must be 3'],
    ['int32[<=2] a', { a: Int32Array.of(1, 2, 3) }, 'must be at most 2'],
    ['string[] a', { a: ['x', 4] }, 'Drawn.a[1] = 4'],
    ['float64[] a', { a: 'no' }, 'must be an array'],
    ['std_msgs/Header[] a', { a: [] }, ''],
    ['geometry_msgs/Point[] a', { a: [{}, { x: 1, y: null, z: 'z' }] }, 'Drawn.a[1].z = "z"'],
    ['geometry_msgs/Point a', { a: 3 }, 'Drawn.a = 3: must be an object'],
    ['builtin_interfaces/Time a', { a: { sec: 2 ** 31 } }, 'Drawn.a = 2147483648'],
  ])('names the field that cannot be written: %s', (text, message, expected) => {
    const point = `\n${'='.repeat(80)}\nMSG: geometry_msgs/Point\nfloat64 x\nfloat64 y\nfloat64 z`;
    const head = `\n${'='.repeat(80)}\nMSG: std_msgs/Header\nstring frame_id`;
    const codec = ofText(`${text}${text.includes('Point') ? point : ''}${text.includes('Header') ? head : ''}`);
    if (expected === '') {
      expect(codec.decode(codec.encode(message))).toEqual(message);
      return;
    }
    expect(() => codec.encode(message)).toThrow(InputError);
    expect(() => codec.encode(message)).toThrow(expected);
  });

  it('takes plain arrays for typed ones, and numbers for 64 bits', () => {
    const codec = ofText('float64[] a\nint64[] b\nuint8[] c\nuint64 d');
    const written = codec.encode({ a: [1, 2], b: [3, -4n], c: [5], d: 6 });
    expect(codec.decode(written)).toEqual({
      a: Float64Array.of(1, 2),
      b: BigInt64Array.of(3n, -4n),
      c: Uint8Array.of(5),
      d: 6n,
    });
  });

  it('cuts strings at a NUL, and writes half of a surrogate pair as the replacement character', () => {
    const codec = ofText('string a\nuint8 b');
    expect(codec.decode(codec.encode({ a: 'ab\0cd', b: 7 }))).toEqual({ a: 'ab', b: 7 });
    expect(codec.decode(codec.encode({ a: `é${'x'.repeat(100)}\0cd`, b: 7 }))).toEqual({
      a: `é${'x'.repeat(100)}`,
      b: 7,
    });
    expect(codec.decode(codec.encode({ a: 'a\ud800', b: 7 }))).toEqual({ a: 'a\ufffd', b: 7 });
  });

  it('lets bytes be made where they are written', () => {
    const codec = new RosCodec('sensor_msgs/msg/Image');
    const data = { byteLength: 5, writeTo: (target: Uint8Array) => target.fill(9) };
    expect(codec.decode(codec.encode({ step: 5, data }))).toMatchObject({ step: 5, data: new Uint8Array(5).fill(9) });
  });

  it('copies a picture once: no room is made beyond its message', async () => {
    const codec = new RosCodec('sensor_msgs/msg/Image');
    const data = new Uint8Array(3 * 640 * 480);
    const size = codec.encode({ encoding: 'rgb8', data }).length;
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
    const before = process.memoryUsage().arrayBuffers;
    const kept = Array.from({ length: 40 }, () => codec.encode({ encoding: 'rgb8', data }));
    const grown = (process.memoryUsage().arrayBuffers - before) / kept.length;
    expect(kept.every((encoded) => encoded.length === size && encoded.buffer.byteLength === size)).toBe(true);
    expect(grown).toBeLessThan(1.1 * size);
    expect(grown).toBeGreaterThan(0.8 * size);
  });

  it('is not slower than the plain library for the state of seven joints', () => {
    const codec = new RosCodec('sensor_msgs/msg/JointState');
    const library = new MessageWriter([...codec.definition.types]);
    const seven = Float64Array.from({ length: 7 }, (_, i) => i + 0.5);
    const name = Array.from(seven, (_, i) => `panda_joint${i + 1}`);
    const header = { stamp: { sec: 1, nanosec: 2 }, frame_id: '' };
    const message = { header, name, position: seven, velocity: seven, effort: seven };
    expect(Buffer.from(library.writeMessage(message))).toEqual(Buffer.from(codec.encode(message)));
    expect(
      bestRatio(
        () => codec.encode(message),
        () => library.writeMessage(message),
        1,
      ),
    ).toBeLessThan(1);
  });
});
