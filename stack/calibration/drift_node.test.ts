import { describe, expect, it } from 'vitest';
import {
  CAMERAS,
  type CameraInfo,
  createRng,
  type Diagnostics,
  InProcessBus,
  SILENT_LOG,
  SimClock,
  TOPICS,
} from '../../contracts/index.ts';
import {
  CameraDriftNode,
  CameraFrames,
  cameraMatrix,
  moved,
  PictureMonitor,
  PictureWatch,
  toMatrix,
} from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { randomizeCamera } from '../../sim/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import { motionPostures } from './motion_session.ts';
import { seenArm } from './seen_arm.ts';
import { believedCamera, type DrawnCell, drawCell, StillCell, trueCamera } from './still_cell.ts';

const robot = loadRobot('panda');
const arm = seenArm(robot);
const PICTURES = 15;
/** The camera is knocked out of its place before this picture. */
const KNOCKED_AT = 6;
const KNOCK_M = 0.005;
/** How far a calibration leaves a camera from the truth, of each coordinate. */
const LEFT = { rotation_rad: 0.0004, position_m: 0.0002 };

function knocked(drawn: DrawnCell, seed: number): DrawnCell {
  const { randomization } = drawn;
  const { start_up } = randomization;
  const rng = createRng(seed, 'knock');
  const v = [rng.normal(), rng.normal(), rng.normal()];
  const [x, y, z] = start_up.cameras.overview.camera_position_m.map(
    (value, k) => value + (KNOCK_M * v[k]) / Math.hypot(...v),
  );
  const overview = { ...start_up.cameras.overview, camera_position_m: [x, y, z] as const };
  const cameras = { ...start_up.cameras, overview };
  return { ...drawn, randomization: { ...randomization, start_up: { ...start_up, cameras } } };
}

/** Shows a node the pictures of an arm at work; gives what it told, and with which picture. */
async function watch(seed: number, postures: readonly Float64Array[], knock: boolean) {
  const drawn = drawCell(robot, 'hard', seed);
  const cells = [drawn, knocked(drawn, seed)].map((one) => new StillCell(robot, one, createRng(seed, 'cell')));
  const truth = trueCamera(believedCamera(robot, 'overview'), randomizeCamera(drawn.randomization, 'overview'));
  const rng = createRng(seed, 'left');
  const left = Float64Array.from({ length: 6 }, (_, k) => (k < 3 ? LEFT.rotation_rad : LEFT.position_m) * rng.normal());
  const T = toMatrix(moved(truth.T_mount_camera, left));
  const correct = (info: CameraInfo) => ({ ...info, ...cameraMatrix(truth.intrinsics), T_world_camera_optical: T });
  const bus = new InProcessBus();
  const clock = new SimClock();
  const watch = new PictureWatch(new PictureMonitor({}));
  const overview = new CameraFrames('overview', { watch, correct });
  const frames = { overview, wrist: new CameraFrames('wrist') };
  const node = new CameraDriftNode({ frames, arm, T_hand_camera: believedCamera(robot, 'wrist').T_mount_camera });
  await node.configure({ bus, clock, log: SILENT_LOG });
  node.activate();
  const told: { picture: number; level: string; message: string }[] = [];
  let picture = 0;
  bus.subscribe(TOPICS.diagnostics, 'test', ({ status: [{ level, message }] }: Diagnostics) => {
    told.push({ picture, level, message });
  });
  const none = new Float64Array(robot.model.nq);
  for (const q of postures) {
    const { frame, q: read } = cells[knock && picture >= KNOCKED_AT ? 1 : 0].shoot('overview', q);
    const stamp_ns = BigInt(picture + 1) * 1_000_000_000n;
    const state = { names: robot.model.joint_names, position: read, velocity: none, effort: none };
    for (const off_ns of [-5_000_000n, 5_000_000n])
      bus.publish(TOPICS.joint_states, { ...state, stamp_ns: stamp_ns + off_ns });
    clock.advance(stamp_ns + 30_000_000n);
    bus.publish(CAMERAS.overview.info, { ...frame.info, stamp_ns });
    bus.publish(CAMERAS.overview.colour, { ...frame.colour, stamp_ns });
    bus.publish(CAMERAS.overview.depth, { ...frame.depth, stamp_ns });
    picture++;
  }
  const { overview_pictures_for_drift: pictures } = node.diagnostics();
  node.deactivate();
  return { told, pictures, fault: watch.moved };
}

describe('a camera over the table that is watched while a graph runs', () => {
  it('is told to have moved when it was knocked by 5 mm, and not when it stands', async () => {
    for (let seed = 0; seed < sweep(1, 20); seed++) {
      const postures = motionPostures(robot, 'overview', PICTURES, createRng(seed, 'overview'));
      const sound = await watch(seed, postures, false);
      expect(sound, `seed ${seed}`).toEqual({ told: [], pictures: PICTURES, fault: '' });
      const { told, fault } = await watch(seed, postures, true);
      expect(told[0], `seed ${seed}`).toMatchObject({ level: 'warn' });
      expect(told[0].picture, `seed ${seed}`).toBeGreaterThanOrEqual(KNOCKED_AT);
      expect(told[0].message).toMatch(/the overview camera has moved by about .* mm/);
      expect(fault, `seed ${seed}`).not.toBe('');
    }
  }, 300_000);

  it('is not judged without joint states, or with those of another time', async () => {
    const bus = new InProcessBus();
    const clock = new SimClock();
    const frames = { overview: new CameraFrames('overview'), wrist: new CameraFrames('wrist') };
    const node = new CameraDriftNode({ frames, arm, T_hand_camera: believedCamera(robot, 'wrist').T_mount_camera });
    await node.configure({ bus, clock, log: SILENT_LOG });
    node.activate();
    const cell = new StillCell(robot, drawCell(robot, 'none', 1), createRng(1, 'cell'));
    const { frame } = cell.shoot('overview', robot.home_q);
    const none = new Float64Array(robot.model.nq);
    const state = { names: robot.model.joint_names, position: robot.home_q, velocity: none, effort: none };
    const show = (stamp_ns: bigint) => {
      bus.publish(CAMERAS.overview.info, { ...frame.info, stamp_ns });
      bus.publish(CAMERAS.overview.colour, { ...frame.colour, stamp_ns });
      bus.publish(CAMERAS.overview.depth, { ...frame.depth, stamp_ns });
      return node.diagnostics().overview_pictures_for_drift ?? 0;
    };
    expect(show(1_000_000_000n)).toBe(0);
    for (const stamp_ns of [1_500_000_000n, 2_500_000_000n]) bus.publish(TOPICS.joint_states, { ...state, stamp_ns });
    expect(show(2_000_000_000n)).toBe(0);
    bus.publish(TOPICS.joint_states, { ...state, stamp_ns: 2_510_000_000n });
    expect(show(2_505_000_000n)).toBe(1);
    // Sooner than it looks again.
    bus.publish(TOPICS.joint_states, { ...state, stamp_ns: 2_600_000_000n });
    bus.publish(TOPICS.joint_states, { ...state, stamp_ns: 2_610_000_000n });
    expect(show(2_605_000_000n)).toBe(1);
  });
});
