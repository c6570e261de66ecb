import { describe, expect, it } from 'vitest';
import { CAMERAS, type CameraInfo, createRng, InProcessBus, SimClock } from '../../contracts/index.ts';
import { CALIBRATION_FORMAT, calibratedCameraOf, fromMatrix, moved } from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { createTask } from '../../sim/index.ts';
import { SimCell } from '../cell.ts';
import { createLog } from '../log.ts';
import { believedCamera } from './still_cell.ts';

const robot = loadRobot('panda');
const NAMES = ['overview', 'wrist'] as const;

/** The first info of each camera of a cell. */
async function infosOf(calibration: ConstructorParameters<typeof SimCell>[8]): Promise<CameraInfo[]> {
  const clock = new SimClock();
  const context = { bus: new InProcessBus(), clock, log: createLog('silent') };
  const { scene } = createTask('pick-place').reset(createRng(1), 'all');
  const cell = new SimCell(robot, scene, createRng(1), context, true, 'cannon', null, null, calibration);
  const infos: CameraInfo[] = [];
  for (const name of NAMES) context.bus.subscribe(CAMERAS[name].info, 'test', (info) => void infos.push(info));
  for (const node of cell.nodes) await node.configure(context);
  for (const node of cell.nodes) node.activate();
  for (let step = 0; step < 100 && infos.length < NAMES.length; step++) {
    cell.step();
    cell.publish();
    clock.advance(BigInt(Math.round(cell.time_s * 1e9)));
  }
  return infos;
}

describe('a cell with a calibration', () => {
  it('publishes what was measured of its cameras in place of what was planned', async () => {
    const step = [0.002, -0.001, 0.003, 0.001, 0.002, -0.001];
    const cameras = NAMES.map((name) => {
      const { intrinsics, T_mount_camera } = believedCamera(robot, name);
      const f = intrinsics.slice();
      f[0] += 1;
      return calibratedCameraOf(
        {
          name,
          mounting: name === 'overview' ? 'eye_to_hand' : 'eye_in_hand',
          method: 'motion',
          width: Math.round(2 * intrinsics[2] + 1),
          height: Math.round(2 * intrinsics[3] + 1),
          pictures: { taken: 1, used: 1, sha256: '0'.repeat(64) },
        },
        {
          intrinsics: f,
          intrinsics_covariance: new Float64Array(81),
          T_mount_camera: moved(T_mount_camera, step),
          pose_covariance: new Float64Array(36),
          encoder_offset_rad: new Float64Array(7),
          residuals: { kind: 'metres', rms: 0, views: [] },
        },
      );
    });
    const date = '2026-05-01T10:00:00Z';
    const plain = await infosOf({});
    const calibrated = await infosOf({
      calibration: { format: CALIBRATION_FORMAT, version: 1, robot: 'panda', date, cameras },
    });
    expect(plain.map(({ name }) => name)).toEqual(NAMES);
    calibrated.forEach((info, i) => {
      expect(info.K[0]).toBeCloseTo(plain[i].K[0] + 1, 9);
      const [was, is] = [plain[i], info].map(({ T_world_camera_optical }) => fromMatrix(T_world_camera_optical));
      const shift = Math.hypot(is[9] - was[9], is[10] - was[10], is[11] - was[11]);
      expect(shift).toBeCloseTo(Math.hypot(0.001, 0.002, 0.001), 4);
    });
  }, 60_000);
});
