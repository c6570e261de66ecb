import { createRng, type Pose, type Rng, type Vector3 } from '../contracts/index.ts';
import { SurfaceInspector, type SurfaceJudgement } from '../perception/index.ts';
import {
  asTableObject,
  connect,
  facingYaw,
  leavesFree,
  MotionPlanner,
  PickPlanner,
  planShow,
  type Reached,
  TABLE_WORKCELL,
} from '../planning/index.ts';
import { loadRobot, type Robot } from '../robots/index.ts';
import {
  CAMERA_SPECS,
  createEngine,
  defectSignal_mm2,
  InspectTask,
  SceneView,
  SimCamera,
  type SurfaceTruth,
  surfaceTruth,
} from '../sim/index.ts';
import { stateDetection } from './policies/state_detections.ts';

/** One object shown to the camera: what it is in truth and what the picture said. */
export interface InspectionSample extends SurfaceJudgement {
  readonly seed: number;
  readonly truth: SurfaceTruth;
  /** Contrast times area of its spot, 0 without one (mm²). */
  readonly signal_mm2: number;
}

/** Standard deviations of what the hold is believed to be from what it is: position (m) and angles (rad). */
const HOLD_SIGMA_M = 0.001;
const HOLD_SIGMA_RAD = 0.015;

/**
 * Scores of objects of the inspection task as the robot shows them: every object is set between the fingers where the plan
 * holds it before the camera, photographed with the camera's noise, and judged by a pose that is off as real holds are.
 * No physics runs. Thresholds are read off these scores.
 */
export function inspectionScores(seeds: readonly number[]): InspectionSample[] {
  const robot = loadRobot('panda');
  const planner = new PickPlanner(new MotionPlanner(robot, TABLE_WORKCELL));
  return seeds.flatMap((seed) => scoresOf(robot, planner, seed));
}

function scoresOf(robot: Robot, planner: PickPlanner, seed: number): InspectionSample[] {
  const rng = createRng(seed).stream('inspection');
  const { scene } = new InspectTask().reset(rng.stream('task'));
  const inspector = new SurfaceInspector();
  return scene.objects.flatMap((object, i) => {
    const engine = createEngine('cannon', robot, scene);
    const stream = rng.stream(`object/${i}`);
    const standing = asTableObject(stateDetection(scene, engine, i));
    const camera = TABLE_WORKCELL.camera;
    const facing = facingYaw(standing, camera);
    const home = robot.home_q.slice(0, robot.arm_joints);
    const conditions = { grasp: (grasp: Parameters<typeof leavesFree>[0]) => leavesFree(grasp, facing) };
    const shown = connect('show', ({ scene: space, way }: Reached, own) => {
      const show = planShow(planner.motions, space, way, facing, camera, own);
      return show.ok ? { ok: true, value: { grasp: way.grasp, show: show.value } } : show;
    });
    const found = planner.search(home, standing, [], stream, conditions, shown);
    if (!found.ok) return [];
    const { grasp, show } = found.value;
    const q = robot.home_q.slice();
    q.set(show.q);
    if (robot.gripper !== null) q[robot.gripper.coordinate] = grasp.width_m / 2;
    engine.setRobotState(q, new Float64Array(robot.model.nq));
    const { position, orientation } = turnedBy(show.object_pose, object.pose, standing.yaw_rad);
    engine.setObjectState(i, [...position, ...orientation, 0, 0, 0, 0, 0, 0]);
    const frame = new SimCamera(CAMERA_SPECS.overview, new SceneView(scene, robot.model), robot.model).capture(
      engine,
      0n,
      stream.stream('camera'),
    );
    const held = { shape: standing.shape, pose: disturbed(show.object_pose, stream.stream('hold')) };
    const judgement = inspector.inspect({ request_id: `calibration/${seed}/${i}`, ...frame }, held);
    return [{ ...judgement, seed, truth: surfaceTruth(object), signal_mm2: defectSignal_mm2(object) }];
  });
}

/** Pose of the object itself: its frame is turned about the vertical against the upright shape's where the two differ. */
function turnedBy(shown: Pose, standing: Pose, yaw_rad: number): Pose {
  const [, , z, w] = standing.orientation;
  const turn = 2 * Math.atan2(z, w) - yaw_rad;
  return {
    position: shown.position,
    orientation: product(shown.orientation, [0, 0, Math.sin(turn / 2), Math.cos(turn / 2)]),
  };
}

function disturbed({ position, orientation }: Pose, rng: Rng): Pose {
  const off = (): number => HOLD_SIGMA_M * rng.normal();
  const moved: Vector3 = [position[0] + off(), position[1] + off(), position[2] + off()];
  const half = (): number => (HOLD_SIGMA_RAD / 2) * rng.normal();
  const tilt: [number, number, number] = [half(), half(), half()];
  return {
    position: moved,
    orientation: product(orientation, [...tilt, Math.sqrt(1 - tilt[0] ** 2 - tilt[1] ** 2 - tilt[2] ** 2)]),
  };
}

function product(a: Pose['orientation'], b: Pose['orientation']): [number, number, number, number] {
  const [ax, ay, az, aw] = a;
  const [bx, by, bz, bw] = b;
  return [
    aw * bx + ax * bw + ay * bz - az * by,
    aw * by - ax * bz + ay * bw + az * bx,
    aw * bz + ax * by - ay * bx + az * bw,
    aw * bw - ax * bx - ay * by - az * bz,
  ];
}
