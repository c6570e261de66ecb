import { beforeAll, describe, expect, it } from 'vitest';
import { type CameraName, createRng } from '../../contracts/index.ts';
import { RobotData } from '../../dynamics/index.ts';
import {
  type ArmPosture,
  type CameraDrift,
  CameraDriftMonitor,
  type DepthPicture,
  type HandPosture,
  moved,
  type RigidTransform,
} from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { randomizeCamera } from '../../sim/index.ts';
import { BOXED_NUMBER, bytesPerCall } from '../../test/support/heap.ts';
import { sweep } from '../../test/support/sweep.ts';
import { armPosture, armSurface } from './arm_surface_of.ts';
import { motionPostures } from './motion_session.ts';
import { believedCamera, drawCell, handPosture, StillCell, trueCamera } from './still_cell.ts';

const robot = loadRobot('panda');
const surface = armSurface(robot);
const CAMERAS = ['overview', 'wrist'] as const;
const DEGREE = Math.PI / 180;
const PICTURES = 30;
/** How far a calibration leaves a camera from the truth: of each of its coordinates, rad and m. */
const LEFT = { rotation_rad: 0.0004, position_m: 0.0002 };

interface Seen {
  readonly depth: DepthPicture;
  readonly hand: HandPosture;
  readonly arm: ArmPosture;
}

/** Pictures of a cell at work, and its camera as a calibration would have it. */
function watch(camera: CameraName, seed: number) {
  const drawn = drawCell(robot, 'hard', seed);
  const cell = new StillCell(robot, drawn, createRng(seed, 'cell'));
  const data = new RobotData(robot.model);
  const seen = motionPostures(robot, camera, PICTURES, createRng(seed, camera)).map((q): Seen => {
    const shot = cell.shoot(camera, q);
    return { depth: shot.frame.depth, hand: handPosture(robot, data, shot.q), arm: armPosture(robot, data, shot.q) };
  });
  const truth = trueCamera(believedCamera(robot, camera), randomizeCamera(drawn.randomization, camera));
  const rng = createRng(seed, 'left');
  const left = Float64Array.from({ length: 6 }, (_, k) => (k < 3 ? LEFT.rotation_rad : LEFT.position_m) * rng.normal());
  return { seen, intrinsics: truth.intrinsics, calibrated: moved(truth.T_mount_camera, left) };
}

function monitorOf(camera: CameraName, intrinsics: Float64Array, T_mount_camera: RigidTransform, { depth }: Seen) {
  const stands = camera === 'overview';
  return new CameraDriftMonitor({
    ...{ width: depth.width, height: depth.height, intrinsics, T_mount_camera },
    mounting: stands ? 'eye_to_hand' : 'eye_in_hand',
    surface: stands ? surface : null,
  });
}

/** Number of the picture at which the monitor says that the camera has moved, −1 if it does not. */
function noticed(monitor: CameraDriftMonitor, seen: readonly Seen[]): number {
  return seen.findIndex(({ depth, hand, arm }) => monitor.look(depth, hand, arm).moved);
}

function direction(seed: number, size: number): number[] {
  const rng = createRng(seed, 'direction');
  const v = [rng.normal(), rng.normal(), rng.normal()];
  return v.map((value) => (size * value) / Math.hypot(...v));
}

describe.each(CAMERAS)('a %s camera that is watched at work', (camera) => {
  const cells: ReturnType<typeof watch>[] = [];
  beforeAll(() => {
    for (let seed = 0; seed < sweep(2, 40); seed++) cells.push(watch(camera, seed));
  }, 900_000);

  it('is not said to have moved when it has not, and is when it has: by 2 mm, or by 0.3°', () => {
    let found = 0;
    let alarms = 0;
    cells.forEach(({ seen, intrinsics, calibrated }, seed) => {
      // That the belief is wrong by a movement is that the camera has made the opposite one.
      const at = (step: readonly number[]) =>
        noticed(monitorOf(camera, intrinsics, moved(calibrated, step), seen[0]), seen);
      if (at([0, 0, 0, 0, 0, 0]) >= 0) alarms++;
      if (at([0, 0, 0, ...direction(seed, 0.002)]) >= 0) found++;
      if (at([...direction(seed, 0.3 * DEGREE), 0, 0, 0]) >= 0) found++;
    });
    expect(alarms / cells.length).toBeLessThanOrEqual(0.05);
    expect(found / (2 * cells.length)).toBeGreaterThanOrEqual(0.95);
  });

  it('is said to have moved when it looks elsewhere altogether', () => {
    const { seen, intrinsics, calibrated } = cells[0];
    const monitor = monitorOf(camera, intrinsics, moved(calibrated, [0.3, 0.2, 0, 0, 0, 0.1]), seen[0]);
    expect(noticed(monitor, seen)).toBeGreaterThanOrEqual(0);
    monitor.reset();
    expect(monitor.drift).toMatchObject({ moved: false, pictures: 0 } satisfies Partial<CameraDrift>);
  });

  it('is watched without allocating', () => {
    const { seen, intrinsics, calibrated } = cells[0];
    const monitor = monitorOf(camera, intrinsics, calibrated, seen[0]);
    const work = (calls: number) => {
      for (let i = 0; i < calls; i++) {
        const { depth, hand, arm } = seen[i % seen.length];
        monitor.look(depth, hand, arm);
      }
    };
    const calls = camera === 'overview' ? 60 : 300;
    work(calls);
    expect(bytesPerCall(calls, work, 12, 64 * BOXED_NUMBER)).toBeLessThan(64 * BOXED_NUMBER);
  });
});
