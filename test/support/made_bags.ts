import sqlite from 'node-sqlite3-wasm';
import type { Rng } from '../../contracts/index.ts';
import { McapFile } from '../../datasets/index.ts';
import { RosCodec } from '../../ros/index.ts';

export const START_NS = 1_767_323_045_000_000_000n;
export const JOINT_STATE = 'sensor_msgs/msg/JointState';
const codec = new RosCodec(JOINT_STATE);

const jointState = (k: number) =>
  codec.encode({ name: ['elbow_joint'], position: [k / 100], velocity: [0], effort: [0] });

/** A database as rosbag2 of Jazzy makes it. */
export function writeDatabase(
  file: string,
  messages = 200,
  spoil: (open: sqlite.Database) => void = () => undefined,
): string {
  const open = new sqlite.Database(file);
  open.exec(`
    PRAGMA synchronous=OFF;
    PRAGMA journal_mode=MEMORY;
    CREATE TABLE schema(schema_version INTEGER PRIMARY KEY, ros_distro TEXT NOT NULL);
    CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, serialization_format TEXT NOT NULL,
      offered_qos_profiles TEXT NOT NULL, type_description_hash TEXT NOT NULL);
    CREATE TABLE message_definitions(id INTEGER PRIMARY KEY, topic_type TEXT NOT NULL, encoding TEXT NOT NULL,
      encoded_message_definition TEXT NOT NULL, type_description_hash TEXT NOT NULL);
    CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL, timestamp INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE INDEX timestamp_idx ON messages (timestamp ASC);
    INSERT INTO schema VALUES (4, 'jazzy');
    INSERT INTO topics VALUES (1, '/joint_states', '${JOINT_STATE}', 'cdr', '', '');
    BEGIN`);
  open.run('INSERT INTO message_definitions VALUES (1, ?, ?, ?, ?)', [
    JOINT_STATE,
    'ros2msg',
    codec.definition.text,
    '',
  ]);
  const insert = open.prepare('INSERT INTO messages(topic_id, timestamp, data) VALUES (1, ?, ?)');
  for (let k = 0; k < messages; k++) insert.run([START_NS + BigInt(k) * 10_000_000n, jointState(k)]);
  insert.finalize();
  open.exec('COMMIT');
  spoil(open);
  open.close();
  return file;
}

/** A recording of the same messages, in chunks of 40. */
export async function writeMcap(file: string, messages = 200): Promise<string> {
  const written = await McapFile.create({ file });
  const channel = written.addChannel('/joint_states', written.addSchema(JOINT_STATE, 'ros2msg', codec.definition.text));
  for (let k = 0; k < messages; k++) {
    const at = START_NS + BigInt(k) * 10_000_000n;
    written.addMessage(channel, at, at, jointState(k));
    if (k % 40 === 39) await written.flush();
  }
  await written.finish();
  return file;
}

/** A copy with bits, stretches or lengths changed, and what was done to it. */
export function mutate(bytes: Buffer, rng: Rng): { mutated: Buffer; what: string } {
  const at = rng.int(bytes.length);
  switch (rng.int(5)) {
    case 0: {
      const mutated = Buffer.from(bytes);
      mutated[at] ^= 1 << rng.int(8);
      return { mutated, what: `a bit of byte ${at}` };
    }
    case 1: {
      const mutated = Buffer.from(bytes);
      const length = 1 + rng.int(64);
      mutated.fill(rng.int(2) === 0 ? 0xff : 0, at, Math.min(at + length, mutated.length));
      return { mutated, what: `${length} bytes from ${at} filled` };
    }
    case 2:
      return { mutated: bytes.subarray(0, at), what: `cut at ${at}` };
    case 3: {
      const length = 1 + rng.int(200);
      return {
        mutated: Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]),
        what: `${length} bytes at ${at} removed`,
      };
    }
    default: {
      const [from, length] = [rng.int(bytes.length), 1 + rng.int(4096)];
      const mutated = Buffer.from(bytes);
      bytes.copy(mutated, at, from, Math.min(bytes.length, from + length));
      return { mutated, what: `${length} bytes from ${from} copied to ${at}` };
    }
  }
}
