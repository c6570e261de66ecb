import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DatasetEpisode, McapFile, writeIndex } from '../../datasets/index.ts';
import { RosCodec } from '../../ros/index.ts';
import { governedEpisode, governedIndex } from './governed.ts';

const JOINT_STATE = 'sensor_msgs/msg/JointState';
const PERIOD_NS = 10_000_000n;

/** An episode of a small dataset; `gap` leaves out joint states from 1.0 to 1.6 s. */
export interface SmallEpisode extends Partial<DatasetEpisode> {
  readonly id: string;
  readonly gap?: boolean;
}

/** Writes a dataset of recordings of one joint, 3 s at 100 Hz each, that moves in another way in every episode. */
export async function writeSmallDataset(folder: string, episodes: readonly SmallEpisode[]): Promise<void> {
  mkdirSync(join(folder, 'episodes'), { recursive: true });
  const described: DatasetEpisode[] = [];
  for (const [k, { id, gap = false, ...given }] of episodes.entries()) {
    const path = join(folder, 'episodes', `${id}.mcap`);
    await writeJoint(path, 1 + k, gap);
    const bytes = readFileSync(path);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    described.push(governedEpisode(id, {}, { bytes: bytes.length, sha256, duration_s: 3, ...given }));
  }
  writeIndex(folder, governedIndex(described));
}

async function writeJoint(path: string, phase: number, gap: boolean): Promise<void> {
  const codec = new RosCodec(JOINT_STATE);
  const file = await McapFile.create({ file: path });
  const channel = file.addChannel('/joint_states', file.addSchema(JOINT_STATE, 'ros2msg', codec.definition.text));
  for (let k = 0; k <= 300; k++) {
    if (gap && k > 100 && k < 160) continue;
    const log_ns = BigInt(k) * PERIOD_NS;
    const stamp = { sec: Math.floor(k / 100), nanosec: (k % 100) * Number(PERIOD_NS) };
    const [position, velocity] = [0.4 * Math.sin(k / 100 + phase), 0.4 * Math.cos(k / 100 + phase)];
    file.addMessage(
      channel,
      log_ns,
      log_ns,
      codec.encode({
        header: { stamp, frame_id: '' },
        name: ['panda_joint1'],
        position: [position],
        velocity: [velocity],
        effort: [Math.sin(9 * position)],
      }),
    );
  }
  await file.finish();
}
