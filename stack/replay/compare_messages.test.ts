import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { McapFile } from '../../datasets/index.ts';
import { RosCodec } from '../../ros/index.ts';
import { withFolder } from '../../test/support/recording.ts';
import { type ComparedMessages, MessageComparison } from './compare_messages.ts';
import { type StoredMessage, StoredRecording } from './stored_messages.ts';

const joints = new RosCodec('sensor_msgs/msg/JointState');
const latency = new RosCodec('diagnostic_msgs/msg/DiagnosticArray');

interface Told {
  readonly topic: string;
  readonly log_ns: bigint;
  readonly value: number;
  /** Of what was measured on the wall clock. */
  readonly measured?: number;
}

const stamp = (log_ns: bigint) => ({ sec: Number(log_ns / 1_000_000_000n), nanosec: Number(log_ns % 1_000_000_000n) });

function bytesOf({ topic, log_ns, value, measured = 0 }: Told): Uint8Array {
  const header = { stamp: stamp(log_ns), frame_id: '' };
  if (topic !== '/diagnostics/latency') {
    return joints.encode({ header, name: ['a', 'b'], position: [value, 1], velocity: [0, 0], effort: [] });
  }
  const values = [
    { key: 'pre_s', value: String(measured) },
    { key: 'dropped', value: String(value) },
  ];
  return latency.encode({ header, status: [{ level: 0, name: 'plan', message: '', hardware_id: '', values }] });
}

const codecOf = ({ topic }: Told) => (topic === '/diagnostics/latency' ? latency : joints);

function stored(told: Told): StoredMessage {
  const { definition } = codecOf(told);
  const { topic, log_ns } = told;
  return { topic, type: definition.name, definition: definition.text, log_ns, publish_ns: log_ns, data: bytesOf(told) };
}

/** Writes messages as a recording. */
async function write(file: string, told: readonly Told[]): Promise<void> {
  const mcap = await McapFile.create({ file });
  const channels = new Map<string, number>();
  for (const each of told) {
    const { definition } = codecOf(each);
    const channel =
      channels.get(each.topic) ??
      mcap.addChannel(each.topic, mcap.addSchema(definition.name, 'ros2msg', definition.text));
    channels.set(each.topic, channel);
    mcap.addMessage(channel, each.log_ns, each.log_ns, bytesOf(each));
    if (mcap.pending_bytes > 2000) await mcap.flush();
  }
  await mcap.finish();
}

async function compare(recorded: readonly Told[], replayed: readonly StoredMessage[]): Promise<ComparedMessages> {
  return withFolder(async (folder) => {
    await write(join(folder, 'a.mcap'), recorded);
    const recording = await StoredRecording.open(join(folder, 'a.mcap'));
    const comparison = new MessageComparison(recording);
    for (const message of replayed) await comparison.take(message);
    const compared = await comparison.finish();
    await recording.close();
    return compared;
  });
}

const TOPICS = ['/joint_states', '/diagnostics/latency', '/other'];

/** Every instant has one message a topic. */
function episode(seed: number, instants = 12): Told[] {
  const rng = createRng(seed).stream('episode');
  return Array.from({ length: instants }, (_, k) =>
    TOPICS.map((topic) => ({
      topic,
      log_ns: BigInt(k) * 10_000_000n,
      value: rng.range(-1, 1),
      measured: rng.range(0, 1),
    })),
  ).flat();
}

describe('the comparison of a replay with its recording', () => {
  it('finds all equal, whatever was measured on the wall clock', async () => {
    const told = episode(1);
    const again = told.map((each) => stored({ ...each, measured: 99 }));
    const { first, equal, messages, reordered } = await compare(told, again);
    expect({ first, equal, messages, reordered }).toEqual({ first: null, equal: 36, messages: 36, reordered: 0 });
  });

  it('counts instants in which nodes published in another order, and finds nothing wrong with them', async () => {
    const told = episode(2);
    const again = told.map(stored);
    [again[3], again[4]] = [again[4], again[3]];
    expect(await compare(told, again)).toMatchObject({ first: null, equal: 36, reordered: 1 });
  });

  it('names the message, its field and both values', async () => {
    const told = episode(3);
    const again = told.map((each, i) => stored(i === 15 ? { ...each, value: 5 } : each));
    const { first, differing } = await compare(told, again);
    expect(first).toMatchObject({
      topic: '/joint_states',
      message: 5,
      time_s: 0.05,
      what: 'content',
      field: 'position[0]',
    });
    expect(first).toMatchObject({ recorded: String(told[15].value), replayed: '5' });
    expect(differing).toEqual({ '/joint_states': 1 });
    const counted = told.map((each, i) => stored(i === 16 ? { ...each, value: 5 } : each));
    expect((await compare(told, counted)).first).toMatchObject({ what: 'content', field: 'status[0].values[1].value' });
  });

  it('notices every change to any message: time, publish time, type, definition, bytes, one less, one more', async () => {
    const told = episode(4);
    const rng = createRng(4).stream('changes');
    const changes: Record<string, (message: StoredMessage) => StoredMessage[]> = {
      log_time: (m) => [{ ...m, log_ns: m.log_ns + 1n }],
      publish_time: (m) => [{ ...m, publish_ns: m.publish_ns + 1n }],
      type: (m) => [{ ...m, type: `${m.type}s` }],
      definition: (m) => [{ ...m, definition: `${m.definition}\n# more` }],
      topic: (m) => [{ ...m, topic: `${m.topic}s` }],
      less: () => [],
      more: (m) => [m, m],
      bytes: (m) => {
        const data = m.data.slice();
        // The stamp, which no message measures.
        data[4 + Math.floor(rng.range(0, 8))] ^= 1 << Math.floor(rng.range(0, 8));
        return [{ ...m, data }];
      },
    };
    for (const [name, change] of Object.entries(changes)) {
      for (let k = 0; k < 8; k++) {
        const at = Math.floor(rng.range(0, told.length));
        const again = told.map(stored).flatMap((message, i) => (i === at ? change(message) : [message]));
        expect((await compare(told, again)).first, `${name} of message ${at}`).not.toBeNull();
      }
    }
  });
});
