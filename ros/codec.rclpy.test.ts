import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createRng, hardwareTopics, PACKAGE_ROOT, TOPICS } from '../contracts/index.ts';
import { randomMessage } from '../test/support/random_message.ts';
import { freshDomain, type RosTestbed, requireRos, startUnderRos } from '../test/support/ros.ts';
import { CdrOutput } from './cdr/output.ts';
import { dataFields, type MessageDefinition } from './cdr/types.ts';
import { RosCodec } from './codec.ts';
import { type RosDefinition, rosDefinition, rosDefinitionIn } from './definitions.ts';

const OWN = join(PACKAGE_ROOT, 'ros', 'packages');
const SCRIPT = join(PACKAGE_ROOT, 'test', 'support', 'rclpy_codec.py');
/** Standard packages whose messages we send, receive or record; test_msgs for bounded and fixed arrays. */
const PACKAGES = [
  ...['builtin_interfaces', 'std_msgs', 'geometry_msgs', 'sensor_msgs', 'trajectory_msgs', 'diagnostic_msgs'],
  ...['rosgraph_msgs', 'visualization_msgs', 'std_srvs', 'rcl_interfaces', 'lifecycle_msgs', 'action_msgs'],
  ...['unique_identifier_msgs', 'test_msgs'],
];
const SIDES = { msg: [''], srv: ['_Request', '_Response'], action: ['_Goal', '_Result', '_Feedback'] } as const;
const MESSAGES_A_TYPE = 6;

/** Names of all types in a folder of packages. */
function typesIn(folder: string, packages: readonly string[]): string[] {
  return packages.flatMap((name) =>
    (['msg', 'srv', 'action'] as const).flatMap((kind) => {
      const files = (() => {
        try {
          return readdirSync(join(folder, name, kind));
        } catch {
          return [];
        }
      })();
      return files
        .filter((file) => file.endsWith(`.${kind}`))
        .sort()
        .flatMap((file) => SIDES[kind].map((side) => `${name}/${kind}/${file.slice(0, -kind.length - 1)}${side}`));
    }),
  );
}

const hasWstring = ({ types }: RosDefinition) =>
  types.some(({ definitions }) => definitions.some(({ type }) => type === 'wstring'));

/** Where a message's padding lies: what `take` passes over. */
function withPadding(encode: () => Uint8Array): { readonly bytes: Uint8Array; readonly padding: ReadonlySet<number> } {
  const padding = new Set<number>();
  const { take } = CdrOutput.prototype;
  CdrOutput.prototype.take = function (this: CdrOutput, size, length) {
    const before = this.at;
    const start = take.call(this, size, length);
    for (let at = before; at < start; at++) padding.add(at);
    return start;
  };
  try {
    return { bytes: encode(), padding };
  } finally {
    CdrOutput.prototype.take = take;
  }
}

/** A message in the terms of the Python script. */
function plain(types: readonly MessageDefinition[], message: Readonly<Record<string, unknown>>): unknown {
  const known = new Map(types.map((type) => [type.name ?? '', type]));
  const value = (type: string, isComplex: boolean | undefined, given: unknown): unknown => {
    if (isComplex === true) return struct(known.get(type) ?? types[0], given as Record<string, unknown>);
    if (typeof given === 'bigint') return String(given);
    if (type !== 'float32' && type !== 'float64') return given;
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(Number(given));
    return bytes.toString('hex');
  };
  const struct = (type: MessageDefinition, fields: Readonly<Record<string, unknown>>): unknown =>
    Object.fromEntries(
      dataFields(type).map(({ name, type, isComplex, isArray }) => [
        name,
        isArray === true
          ? Array.from(fields[name] as ArrayLike<unknown>, (entry) => value(type, isComplex, entry))
          : value(type, isComplex, fields[name]),
      ]),
    );
  return struct(types[0], message);
}

const answer = z.object({ made: z.string(), read: z.unknown(), again: z.string() });
interface Case {
  readonly codec: RosCodec;
  /** No field is set, on either side. */
  readonly untouched?: boolean;
  readonly message: Record<string, unknown>;
}

/** Sends every case through rclpy, both ways, and compares. */
async function compare(ros: RosTestbed, cases: readonly Case[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'surepick-codec-'));
  try {
    const written = cases.map(({ codec, message, untouched }) =>
      withPadding(() => codec.encode(untouched === true ? {} : message)),
    );
    const lines = cases.map(({ codec: { definition }, message, untouched }, i) =>
      JSON.stringify({
        type: definition.name,
        fields: untouched === true ? null : plain(definition.types, message),
        cdr: Buffer.from(written[i].bytes).toString('base64'),
      }),
    );
    const [source, target] = [join(folder, 'in.jsonl'), join(folder, 'out.jsonl')];
    writeFileSync(source, lines.join('\n'));
    const started = startUnderRos(ros, [ros.python, SCRIPT, source, target], { domain: freshDomain() });
    const { code, stderr } = await started.ended;
    if (code !== 0) throw new Error(stderr);
    const answers = readFileSync(target, 'utf8').trimEnd().split('\n');
    let bytes = 0;
    cases.forEach(({ codec, message }, i) => {
      const { name, types } = codec.definition;
      const { made, read, again } = answer.parse(JSON.parse(answers[i]));
      expectEqual(read, plain(types, message), `${name} as rclpy reads it`);
      for (const theirs of [Buffer.from(made, 'base64'), Buffer.from(again, 'base64')]) {
        expectEqual(codec.decode(theirs), message, `${name} from rclpy`);
        bytes += expectSameBytes(written[i], theirs, `${name} ${lines[i]}`);
      }
    });
    expect(answers.length).toBe(cases.length);
    return bytes;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Bit for bit but for the bits of NaN; quick where nothing differs. */
function expectEqual(given: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(given, expected)) expect(given, what).toEqual(expected);
}

/** Outside padding, and but for what rclpy appends. Returns the bytes compared. */
function expectSameBytes(ours: ReturnType<typeof withPadding>, theirs: Uint8Array, what: string): number {
  const { bytes, padding } = ours;
  expect(theirs.length, what).toBeGreaterThanOrEqual(bytes.length);
  const differs = bytes.findIndex((byte, at) => byte !== theirs[at] && !padding.has(at));
  if (differs >= 0) throw new Error(`byte ${differs} of ${what}: ${bytes[differs]}, rclpy ${theirs[differs]}`);
  return bytes.length - padding.size;
}

describe('our CDR beside that of rclpy', () => {
  it('is the same over every type that we use, on drawn messages and untouched ones, both ways', async (ctx) => {
    const ros = await requireRos(ctx);
    const shares = (ros.env.AMENT_PREFIX_PATH ?? '').split(':').map((prefix) => join(prefix, 'share'));
    const names = [...typesIn(OWN, readdirSync(OWN)), ...shares.flatMap((share) => typesIn(share, PACKAGES))];
    const topics = [...Object.values(TOPICS), ...Object.values(hardwareTopics(''))].map(({ ros_type }) => ros_type);
    expect(names).toEqual(expect.arrayContaining([...topics, 'sensor_msgs/msg/Image', 'sensor_msgs/msg/CameraInfo']));
    const definitions = [...new Set(names)].map((name) => rosDefinitionIn([OWN, ...shares], name));
    const readable = definitions.filter((definition) => !hasWstring(definition));
    expect(definitions.length - readable.length).toBeLessThanOrEqual(1);
    const rng = createRng(8, 'codec');
    const cases = readable.flatMap((definition) => {
      const codec = new RosCodec(definition);
      const stream = rng.stream(definition.name);
      const drawn = Array.from({ length: MESSAGES_A_TYPE }, (_, i) => ({
        codec,
        message: randomMessage(definition.types, stream, i === 0 ? 0 : 4),
      }));
      return [...drawn, { codec, message: codec.decode(codec.encode({})), untouched: true }];
    });
    const bytes = await compare(ros, cases);
    process.stdout.write(`${readable.length} types, ${cases.length} messages, ${bytes} bytes compared\n`);
    expect(readable.length).toBeGreaterThan(200);
  });

  it('is the same for very long sequences', async (ctx) => {
    const ros = await requireRos(ctx);
    const rng = createRng(9, 'long');
    const long = (name: string, fields: Record<string, unknown>): Case => {
      const codec = new RosCodec(name);
      return { codec, message: { ...randomMessage(codec.definition.types, rng, 3), ...fields } };
    };
    const numbers = Float64Array.from({ length: 30_000 }, () => rng.normal());
    await compare(ros, [
      long('sensor_msgs/msg/Image', { data: Uint8Array.from({ length: 300_001 }, (_, i) => i % 251) }),
      long('sensor_msgs/msg/JointState', { name: Array.from(numbers, (_, i) => `grüße${i}`), position: numbers }),
      long('std_msgs/msg/String', { data: '手'.repeat(70_001) }),
      long('tf2_msgs/msg/TFMessage', {
        transforms: randomMessage(rosDefinition('tf2_msgs/msg/TFMessage').types, rng, 3000).transforms,
      }),
    ]);
  });

  it('knows the published definitions field by field', async (ctx) => {
    const ros = await requireRos(ctx);
    const shares = (ros.env.AMENT_PREFIX_PATH ?? '').split(':').map((prefix) => join(prefix, 'share'));
    const topics = [...Object.values(TOPICS), ...Object.values(hardwareTopics(''))].map(({ ros_type }) => ros_type);
    const others = ['Image', 'CompressedImage', 'CameraInfo'].map((name) => `sensor_msgs/msg/${name}`);
    const wire = ({ types }: RosDefinition) => new Map(types.map((type) => [type.name, dataFields(type)]));
    for (const name of [...topics, ...others, 'rcl_interfaces/msg/Log']) {
      expect(wire(rosDefinition(name)), name).toEqual(wire(rosDefinitionIn(shares, name)));
    }
  });
});
