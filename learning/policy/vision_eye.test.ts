import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { hashOf } from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { initialParameters } from '../graph/parameters.ts';
import { type MlpShape, mlpParameters } from './mlp.ts';
import { EYE_FEATURES, EYE_MEMORY, EYE_SAYS, EYE_TOLD_SIZE } from './vision_attention.ts';
import { eyeCameras, heightsSeen } from './vision_cameras.ts';
import { type EyeFrames, type EyeShape, eyeParameters } from './vision_eye.ts';
import {
  EYE_GRIPPER,
  EYE_ONLY,
  type Eye,
  exportSeeingPolicy,
  eyeModel,
  type SeeingPolicy,
  type SeeingProbe,
} from './vision_network.ts';
import { type EyeTrainingOptions, trainEye } from './vision_trainer.ts';

const SHAPE: EyeShape = { width: 128, height: 96, paint_units: 8 };
const PIXELS = SHAPE.width * SHAPE.height;
const OPTIONS: EyeTrainingOptions = { shape: SHAPE, seed: 1, steps: 300, batch: 128, rate: 2e-2, threads: 1 };
const CAMERAS = eyeCameras(loadRobot('panda'), SHAPE);
const [OVERVIEW, WRIST] = CAMERAS;
const TOP_M = 0.05;
const RED = 0;
const BLUE = 4;
const PAINTS: Readonly<Record<number, readonly number[]>> = { [RED]: [200, 30, 30], [BLUE]: [30, 70, 200] };

interface Block {
  readonly x: number;
  readonly y: number;
  /** Sides of a box, or twice the radius of a cylinder (m). */
  readonly sides: readonly [number, number];
  readonly yaw: number;
  readonly round?: boolean;
  readonly colour?: number;
}

const BOX: Block = { x: 0.52, y: -0.12, sides: [0.04, 0.055], yaw: 0.3 };
const SQUARE: Block = { x: 0.55, y: 0.1, sides: [0.045, 0.045], yaw: -0.5 };
const CYLINDER: Block = { x: 0.45, y: 0.18, sides: [0.05, 0.05], yaw: 0, round: true };

/** What the overview camera sees of a table with tops of blocks at one height over it. */
function picture(blocks: readonly Block[]): { rgb: Uint8Array; depth: Float32Array; labels: Uint8Array } {
  const rgb = new Uint8Array(3 * PIXELS).fill(150);
  const depth = new Float32Array(PIXELS);
  const labels = new Uint8Array(PIXELS);
  const { rays, position } = OVERVIEW;
  for (let k = 0; k < PIXELS; k++) {
    const down = rays[2 * PIXELS + k];
    const d = (TOP_M - position[2]) / down;
    const shown = blocks.find((block) => isOn(block, rays[k] * d + position[0], rays[PIXELS + k] * d + position[1]));
    depth[k] = shown === undefined ? -position[2] / down : d;
    if (shown === undefined) continue;
    rgb.set(PAINTS[shown.colour ?? RED], 3 * k);
    labels[k] = 1 + (shown.colour ?? RED);
  }
  return { rgb, depth, labels };
}

function isOn({ x, y, yaw, sides, round }: Block, px: number, py: number): boolean {
  const [dx, dy] = [px - x, py - y];
  if (round) return Math.hypot(dx, dy) < sides[0] / 2;
  const u = dx * Math.cos(yaw) + dy * Math.sin(yaw);
  const v = dy * Math.cos(yaw) - dx * Math.sin(yaw);
  return Math.abs(u) < sides[0] / 2 && Math.abs(v) < sides[1] / 2;
}

function lesson(): EyeFrames {
  const shown = [BOX, { ...CYLINDER, colour: BLUE }].map((block) => picture([block]));
  const set = {
    rgb: new Uint8Array(6 * PIXELS),
    heights: new Float32Array(2 * PIXELS),
    labels: new Uint8Array(2 * PIXELS),
  };
  shown.forEach(({ rgb, depth, labels }, i) => {
    set.rgb.set(rgb, 3 * i * PIXELS);
    set.labels.set(labels, i * PIXELS);
    heightsSeen(OVERVIEW, depth, toolAt(0, 0, 0, 0), set.heights.subarray(i * PIXELS, (i + 1) * PIXELS));
  });
  return { ...SHAPE, count: 2, ...set };
}

/** A tool that points down, its fingers closing along `yaw`: rotation row-major 9, position 3. */
function toolAt(x: number, y: number, z: number, yaw: number): readonly number[] {
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  return [-s, c, 0, c, s, 0, 0, 0, -1, x, y, z];
}

const HIGH = toolAt(0.4, 0.02, 0.4, 0);
const GOAL = [0.6, -0.1, 0];
const OPEN_M = 0.08;

function told(kind: 'box' | 'cylinder', colour: number, tool = HIGH, gripper = OPEN_M): Float32Array {
  const out = new Float32Array(EYE_TOLD_SIZE);
  out[kind === 'box' ? 0 : 1] = 1;
  out[2 + colour] = 1;
  out.set([tool[0], tool[3], tool[6], tool[1], tool[4], tool[7], ...GOAL, ...tool.slice(9), gripper], 8);
  return out;
}

/** Pictures of both cameras; the wrist's measures nothing. */
function pictures({ rgb, depth }: { rgb: Uint8Array; depth: Float32Array }): Float32Array {
  const out = new Float32Array(8 * PIXELS);
  for (let k = 0; k < PIXELS; k++) {
    for (let c = 0; c < 3; c++) out[c * PIXELS + k] = rgb[3 * k + c] / 255;
    out[3 * PIXELS + k] = depth[k];
  }
  return out;
}

let eye: Eye;
let session: InferenceSession;
const losses: number[] = [];

async function trained(options: EyeTrainingOptions): Promise<Float32Array> {
  const theta = await trainEye(options, lesson(), (_, loss) => {
    losses.push(loss);
    return false;
  });
  if (theta === null) throw new Error('ended early');
  return theta;
}

interface Look {
  readonly features: Float32Array;
  readonly memory: Float32Array<ArrayBuffer>;
  /** A part of what the eye says, by its name. */
  readonly says: (name: (typeof EYE_SAYS)[number][0]) => readonly number[];
}

async function look(
  blocks: readonly Block[],
  asked: Float32Array,
  memory = new Float32Array(EYE_MEMORY),
): Promise<Look> {
  const result = await session.run({
    pictures: new Tensor('float32', pictures(picture(blocks)), [1, 8, SHAPE.height, SHAPE.width]),
    observation: new Tensor('float32', asked, [1, EYE_TOLD_SIZE]),
    memory: new Tensor('float32', memory, [1, EYE_MEMORY]),
  });
  const features = Float32Array.from(result.features.data, Number);
  const says: Look['says'] = (name) => {
    const at = EYE_SAYS.findIndex(([own]) => own === name);
    const from = EYE_SAYS.slice(0, at).reduce((sum, [, size]) => sum + size, 0);
    return [...features.subarray(from, from + EYE_SAYS[at][1])];
  };
  return { features, memory: Float32Array.from(result.memory_next.data, Number), says };
}

function expectAt({ says }: Look, { x, y }: Block, tool = HIGH): void {
  const [dx, dy, dz] = says('wanted_offset');
  expect(Math.hypot(dx + tool[9] - x, dy + tool[10] - y)).toBeLessThan(0.002);
  expect(dz + tool[11]).toBeCloseTo(TOP_M / 2, 4);
}

beforeAll(async () => {
  eye = { shape: SHAPE, cameras: CAMERAS, theta: await trained(OPTIONS) };
  session = await InferenceSession.create(eyeModel(eye), { intraOpNumThreads: 1, logSeverityLevel: 3 });
});

describe('cameras of an eye', () => {
  it('measure the height of what they see, wherever the tool is; 0 where they see nothing', () => {
    const heightOf = (depth: number, k: number): number => {
      const p = [0, 1, 2].map((r) => WRIST.rays[r * PIXELS + k] * depth + WRIST.position[r]);
      return HIGH[6] * p[0] + HIGH[7] * p[1] + HIGH[8] * p[2] + HIGH[11];
    };
    const seen = new Float32Array(PIXELS);
    for (const z of [0, 0.04]) {
      const depth = Float32Array.from(
        { length: PIXELS },
        (_, k) => (z - heightOf(0, k)) / (heightOf(1, k) - heightOf(0, k)),
      );
      heightsSeen(WRIST, depth, HIGH, seen);
      expect(Math.max(...seen.map((height) => Math.abs(height - z)))).toBeLessThan(1e-6);
    }
    heightsSeen(WRIST, new Float32Array(PIXELS), HIGH, seen);
    expect(seen.every((height) => height === 0)).toBe(true);
  });
});

describe('an eye', () => {
  it('learns which paint every pixel shows: the loss falls ten times', () => {
    expect(losses[OPTIONS.steps - 1]).toBeLessThan(losses[0] / 10);
  });

  it('finds what is named, and how it lies to the hand, its sizes and the height of the others', async () => {
    for (const yaw of [0, 0.2, -0.4]) {
      const tool = toolAt(0.4, 0.02, 0.4, yaw);
      const seen = await look([BOX, { ...CYLINDER, colour: BLUE }], told('box', RED, tool));
      expectAt(seen, BOX, tool);
      expect(seen.says('wanted_touched')).toEqual([0]);
      expect(Math.abs(seen.says('grasp_turn')[0] - (BOX.yaw - yaw))).toBeLessThan(0.06);
      expect(Math.abs(seen.says('grasp_width')[0] - BOX.sides[0])).toBeLessThan(0.004);
      expect(seen.says('travel_offset')[0]).toBeCloseTo(TOP_M + 0.0295 - tool[11], 4);
      expect(seen.says('carry_offset')[0]).toBeCloseTo(TOP_M + 0.02, 4);
    }
    const round = await look([BOX, { ...CYLINDER, colour: BLUE }], told('cylinder', BLUE));
    expectAt(round, CYLINDER);
    expect(round.says('grasp_turn')[0]).toBeCloseTo(0, 6);
  });

  it('tells a box from a cylinder of the same paint, whichever is asked for', async () => {
    for (const box of [BOX, SQUARE]) {
      expectAt(await look([box, CYLINDER], told('box', RED)), box);
      expectAt(await look([box, CYLINDER], told('cylinder', RED)), CYLINDER);
    }
  });

  it('remembers what the hand hides until it is seen elsewhere', async () => {
    const { memory } = await look([BOX], told('box', RED));
    const hidden = await look([], told('box', RED), memory);
    expectAt(hidden, BOX);
    const moved = { ...BOX, y: BOX.y + 0.15 };
    const over = toolAt(moved.x, moved.y, TOP_M, 0);
    const near = await look([moved], told('box', RED, over), hidden.memory);
    expectAt(near, BOX, over);
    expectAt(await look([moved], told('box', RED), near.memory), moved);
  });

  it('takes what the fingers have closed on with the tool, until they open or are empty', async () => {
    const { memory, says } = await look([BOX], told('box', RED));
    const closed_m = says('grasp_width')[0] + 0.001;
    const [x, y, z] = [BOX.x, BOX.y, TOP_M / 2];
    const grasped = await look([], told('box', RED, toolAt(x, y, z, BOX.yaw), closed_m), memory);
    expect(grasped.says('wanted_touched')).toEqual([1]);
    const lifted = toolAt(x + 0.02, y + 0.1, z + 0.06, BOX.yaw);
    const carried = await look([], told('box', RED, lifted, closed_m), grasped.memory);
    expect(carried.says('wanted_touched')).toEqual([1]);
    carried.says('wanted_offset').forEach((offset) => void expect(Math.abs(offset)).toBeLessThan(0.002));
    expect(carried.says('wanted_gap')[0]).toBeCloseTo(0.06, 3);
    expect(carried.says('wanted_to_goal')[1]).toBeCloseTo(GOAL[1] - y - 0.1, 2);
    for (const width of [OPEN_M, 0.005]) {
      const gone = await look([], told('box', RED, lifted, width), carried.memory);
      expect(gone.says('wanted_touched'), `${width} m between the fingers`).toEqual([0]);
      expect(gone.says('wanted_gap')).toEqual([0]);
    }
  });

  it('is the same to the bit for equal seeds on one thread and two, another for another seed', async () => {
    const hash = async (changes: Partial<EyeTrainingOptions>) =>
      hashOf(Buffer.from((await trained({ ...OPTIONS, steps: 6, ...changes })).buffer));
    const first = await hash({});
    expect(await hash({ threads: 2 })).toBe(first);
    expect(await hash({ seed: 2 })).not.toBe(first);
  });

  it('is not trained on nothing, on pictures of another size, or with sizes that make no sense', async () => {
    const never = () => false;
    await expect(trainEye(OPTIONS, { ...lesson(), count: 0 }, never)).rejects.toThrow('none');
    await expect(trainEye(OPTIONS, { ...lesson(), width: 64 }, never)).rejects.toThrow('64 × 96');
    expect(() => eyeParameters({ ...SHAPE, width: 12 })).toThrow('width 12');
    expect(() => eyeParameters({ ...SHAPE, paint_units: 0 })).toThrow('paint units 0');
    expect(await trainEye(OPTIONS, lesson(), (step) => step === 2)).toBeNull();
  });
});

describe('a policy that sees', () => {
  const rest = 17;
  const network: MlpShape = { inputs: rest + EYE_FEATURES, hidden: [16], chunk: 2, action: 5 };
  const theta = initialParameters(mlpParameters(network), createRng(8));
  const observation = {
    mean: Array.from({ length: network.inputs }, (_, k) => 0.01 * k),
    scale: Array.from({ length: network.inputs }, (_, k) => 0.1 + 0.02 * k),
  };

  async function probe(): Promise<SeeingProbe> {
    const asked = told('box', RED);
    const own = new Float32Array(EYE_ONLY + rest);
    own.set(asked.subarray(0, EYE_TOLD_SIZE - 1));
    own[EYE_GRIPPER] = OPEN_M;
    const { memory } = await look([BOX], asked);
    const { features } = await look([SQUARE], asked, memory);
    const inputs = new Float32Array(network.inputs);
    inputs.set(own.subarray(EYE_ONLY));
    inputs.set(features, rest);
    return { pictures: pictures(picture([SQUARE])), told: own, memory, inputs };
  }

  it('is exported in one network as it was trained; an export that differs, or was never tried, is refused', async () => {
    const policy: SeeingPolicy = { eye, network, theta, observation };
    const right = await probe();
    expect((await exportSeeingPolicy(policy, [right])).difference).toBeLessThan(1e-5);
    const inputs = right.inputs.slice();
    inputs[rest + 4] += 0.01;
    await expect(exportSeeingPolicy(policy, [{ ...right, inputs }])).rejects.toThrow('probe 0');
    await expect(exportSeeingPolicy(policy, [{ ...right, memory: right.memory.map((x) => x / 2) }])).rejects.toThrow(
      'probe 0',
    );
    await expect(exportSeeingPolicy(policy, [])).rejects.toThrow('none');
  });
});
