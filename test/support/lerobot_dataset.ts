import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { createRng, type Rng } from '../../contracts/index.ts';
import { type DatasetEpisode, type DatasetIndex, describeEpisode, McapFile, writeIndex } from '../../datasets/index.ts';
import { RosCodec, toRosTime } from '../../ros/index.ts';

export interface DrawnEpisode {
  readonly seconds: number;
  readonly joints: readonly string[];
  /** In the order of the controller that commands them, and those alone; without, as `joints`. */
  readonly commanded?: readonly string[];
  /** Another topic of joint states, whose joints stand still. */
  readonly more_joints?: string;
  readonly cameras: readonly string[];
  /** Pictures of 16 bits, raw, at half the rate of the others. */
  readonly depth?: boolean;
  readonly text?: string;
  readonly success?: boolean | null;
  readonly split?: DatasetEpisode['split'];
}

const TYPES = {
  '/joint_states': 'sensor_msgs/msg/JointState',
  '/arm_controller/controller_state': 'control_msgs/msg/JointTrajectoryControllerState',
  '/ft_sensor/wrench': 'geometry_msgs/msg/WrenchStamped',
  '/rosout': 'rcl_interfaces/msg/Log',
} as const;
const [WIDTH, HEIGHT] = [48, 32];
const START_NS = 5_000_000_000n;

/** A dataset of recordings of a moving arm with cameras: 50 Hz state with jitter, pictures at 10 Hz, all drawn from a seed. */
export async function drawnDataset(folder: string, episodes: readonly DrawnEpisode[], seed = 1): Promise<DatasetIndex> {
  mkdirSync(join(folder, 'episodes'), { recursive: true });
  const described: DatasetEpisode[] = [];
  for (const [k, drawn] of episodes.entries()) {
    const id = `drawn-${k}`;
    const file = `episodes/${id}.mcap`;
    await drawEpisode(join(folder, file), drawn, createRng(seed).stream(`episode/${k}`));
    const { text = 'Move the arm.', success = true, split = null } = drawn;
    const governance = { consent: 'none_needed' } as const;
    const lineage = { source: 'simulation' } as const;
    const facts = { id, file, text, task: 'move', outcome: { success }, robot: { name: 'drawn' }, governance, lineage };
    described.push({ ...(await describeEpisode(folder, facts)), engine: 'drawn', split });
  }
  const at = '2026-01-02T03:04:05Z';
  const index: DatasetIndex = {
    ...{
      schema: 'surepick/dataset',
      version: 1,
      id: '0b6f6f9e-3a59-4d7e-9c1a-6f0e3c1d2b4a',
      name: 'drawn',
      revision: 1,
    },
    ...{ description: '', licence: 'CC0-1.0', created_at: at, changed_at: at },
    ...{ parents: [], episodes: described, tombstones: [], products: [] },
  };
  writeIndex(folder, index);
  return index;
}

async function drawEpisode(path: string, drawn: DrawnEpisode, rng: Rng) {
  const { seconds, joints, commanded = joints, more_joints, cameras, depth = false } = drawn;
  const file = await McapFile.create({ file: path });
  const channel = new Map<string, { id: number; codec: RosCodec }>();
  const open = (topic: string, type: string) => {
    const used = codecOf(type);
    const known = { id: file.addChannel(topic, file.addSchema(type, 'ros2msg', used.definition.text)), codec: used };
    channel.set(topic, known);
  };
  for (const [topic, type] of Object.entries(TYPES)) open(topic, type);
  if (more_joints !== undefined) open(more_joints, TYPES['/joint_states']);
  for (const camera of cameras) {
    open(`/${camera}/color/image_raw/compressed`, 'sensor_msgs/msg/CompressedImage');
    open(`/${camera}/depth/image_rect_raw`, 'sensor_msgs/msg/Image');
  }
  const write = (topic: string, stamp_ns: bigint, message: object) => {
    const to = channel.get(topic);
    if (to !== undefined) file.addMessage(to.id, stamp_ns, stamp_ns, to.codec.encode(message));
  };
  const header = (stamp_ns: bigint) => ({ stamp: toRosTime(stamp_ns), frame_id: 'drawn' });
  const phase = joints.map(() => rng.range(0, 6));
  for (let k = 0; k < 50 * seconds; k++) {
    const t = k / 50 + rng.range(0, 0.004);
    const stamp_ns = START_NS + BigInt(Math.round(t * 1e9));
    const position = joints.map((_, j) => Math.sin(t + phase[j]));
    const velocity = joints.map((_, j) => Math.cos(t + phase[j]));
    const target = position.map((q) => q + 0.01 * rng.normal());
    const told = (all: readonly number[]) => commanded.map((name) => all[joints.indexOf(name)] ?? 0);
    const reference = { positions: told(target), velocities: told(velocity) };
    const effort = joints.map(() => rng.normal());
    write('/joint_states', stamp_ns, { header: header(stamp_ns), name: joints, position, velocity, effort });
    write('/arm_controller/controller_state', stamp_ns, {
      header: header(stamp_ns),
      joint_names: commanded,
      reference,
    });
    if (more_joints !== undefined)
      write(more_joints, stamp_ns, {
        header: header(stamp_ns),
        name: ['still'],
        position: [0],
        velocity: [0],
        effort: [0],
      });
    const wrench = { force: { x: rng.normal(), y: 0, z: 1 }, torque: { x: 0, y: rng.normal(), z: 0 } };
    write('/ft_sensor/wrench', stamp_ns, { header: header(stamp_ns), wrench });
    if (k === 10) write('/rosout', stamp_ns, { stamp: toRosTime(stamp_ns), level: 20, name: 'task', msg: 'reach' });
    if (k % 5 !== 0) continue;
    for (const camera of cameras) {
      const data = await drawPicture(rng);
      write(`/${camera}/color/image_raw/compressed`, stamp_ns, {
        header: header(stamp_ns),
        format: 'rgb8; jpeg',
        data,
      });
      if (!depth || k % 10 !== 0) continue;
      const pixels = Uint16Array.from({ length: WIDTH * HEIGHT }, (_, p) => 500 + (p % WIDTH) + k);
      const raw = { height: HEIGHT, width: WIDTH, encoding: '16UC1', is_bigendian: 0, step: 2 * WIDTH };
      const bytes = new Uint8Array(pixels.buffer);
      write(`/${camera}/depth/image_rect_raw`, stamp_ns, { header: header(stamp_ns), ...raw, data: bytes });
    }
    // As a recorder does it: each of them is synced to the disk.
    if (k % 25 === 24) await file.flush();
  }
  await file.finish();
}

const codecs = new Map<string, RosCodec>();
function codecOf(type: string): RosCodec {
  const codec = codecs.get(type) ?? new RosCodec(type);
  codecs.set(type, codec);
  return codec;
}

async function drawPicture(rng: Rng): Promise<Uint8Array> {
  const shade = [rng.range(0, 255), rng.range(0, 255), rng.range(0, 255)];
  const data = Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, k) => (shade[k % 3] + k / 30) % 256);
  const raw = { width: WIDTH, height: HEIGHT, channels: 3 } as const;
  return new Uint8Array(await sharp(data, { raw }).jpeg({ quality: 85 }).toBuffer());
}

export const DRAWN_JOINTS: readonly string[] = ['shoulder', 'elbow', 'wrist', 'gripper_finger'];
