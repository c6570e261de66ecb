import {
  CAMERAS,
  type CameraName,
  type Node,
  type NodeContext,
  type Rng,
  secondsToStamp,
  TOPICS,
} from '../contracts/index.ts';
import { type CommandSource, type ContactReaction, ControlLoop, ControlNode, ServoNode } from '../control/index.ts';
import { forwardKinematics, framePose, RobotData } from '../dynamics/index.ts';
import { CalibratedCameras, type CalibrationFile, toMatrix } from '../perception/index.ts';
import type { Robot } from '../robots/index.ts';
import {
  type AuditSink,
  type Envelope,
  envelopeForRobot,
  InterventionWatch,
  isOperating,
  JournalledGate,
  type MonitorParameters,
  type OutsideConditions,
  SafetyMonitors,
  SafetyNode,
  Supervisor,
} from '../safety/index.ts';
import {
  CAMERA_SPECS,
  type CameraFrame,
  type CameraPerturbation,
  CopiedPoses,
  copyPoses,
  type Disturber,
  NO_PERTURBATION,
  type PhysicsEngine,
  type Pusher,
  type Randomization,
  randomizeCamera,
  type SceneModel,
  SceneView,
  type SecondWorld,
  type SimArm,
  SimCamera,
  type TaskView,
  toldThrough,
  type WorldPoses,
} from '../sim/index.ts';
import { handPosture } from './calibration/still_cell.ts';
import { CellServo } from './cell_servo.ts';
import { cameraDue, type Exposure, expose, type Picture } from './live/exposure.ts';
import { createPlant } from './plant.ts';
import { CAMERA_HZ, CONTROL_HZ, DT_S, JOINT_STATES_HZ } from './rates.ts';

const CYCLES_PER_STATE = CONTROL_HZ / JOINT_STATES_HZ;

/** What a cell may have beside its plant, its gate and its cameras. */
export interface CellAdditions {
  /** Who watches the arm for contact with what nobody knows of; by default nobody does. */
  readonly contact?: ContactReaction | null;
  /** Told every intervention of the gate, every mode and stop; by default nobody is. */
  readonly audit?: AuditSink | null;
  /** What the arm may do; by default what the robot has. */
  readonly envelope?: Envelope;
  /** What the supervisor watches, and from when on it is a fault. */
  readonly monitors?: Partial<MonitorParameters>;
  /** What was measured of the cameras, which their infos then say; by default they say what was planned. */
  readonly calibration?: CalibrationFile | null;
  /** Whether commands on /servo/* move the arm; by default they do not. */
  readonly servo?: boolean;
  /** Pictures of each camera a second. */
  readonly camera_hz?: number;
  /** What the world has that nobody is told of; by default nothing. Engine mujoco alone. */
  readonly second_world?: SecondWorld | null;
  /** Who draws pictures outside of the loop, and hands them to `show`; by default they are drawn in it. */
  readonly pictures?: { expose(exposure: Exposure): void } | null;
}

/** A simulated work cell: world, arm, cameras, and the loop of controller, gate and driver that runs at every step. */
export class SimCell {
  readonly engine: PhysicsEngine;
  /** The world as those are told it who are told where objects are. */
  readonly told: PhysicsEngine;
  readonly gate: JournalledGate;
  readonly loop: ControlLoop;
  readonly nodes: readonly Node[];
  /** What the cameras see; null without cameras. */
  readonly seen: SceneView | null;
  /** What befalls the episode beyond how its world was drawn. */
  readonly disturber: Disturber;
  /** Camera periods that have passed, and pictures taken. */
  frame_ticks = 0;
  frames = 0;
  private readonly robot: Robot;
  private readonly arm: SimArm;
  private readonly pusher: Pusher;
  private readonly control: ControlNode;
  private readonly safety: SafetyNode;
  private readonly servo: CellServo | null;
  private readonly servoNode: ServoNode | null;
  private readonly camera_hz: number;
  private readonly pictures: CellAdditions['pictures'];
  private readonly watch: InterventionWatch | null;
  private cameras: readonly SimCamera[];
  private readonly context: NodeContext;
  private readonly rng: Rng;
  private readonly calibrated: CalibratedCameras | null;
  private readonly second: SecondWorld | null;

  /**
   * @param engine  name of the physics engine, which `prepareEngine` has loaded
   * @param variation  how actuators, cameras and forces differ from the nominal ones
   * @param outside  hears the plant's own inputs; by default nobody does
   */
  constructor(
    robot: Robot,
    scene: SceneModel,
    rng: Rng,
    context: NodeContext,
    with_cameras: boolean,
    engine = 'cannon',
    variation: Randomization | null = null,
    outside: OutsideConditions | null = null,
    {
      contact = null,
      audit = null,
      envelope = envelopeForRobot(robot),
      monitors = {},
      calibration = null,
      servo = false,
      camera_hz = CAMERA_HZ,
      pictures = null,
      second_world = null,
    }: CellAdditions = {},
  ) {
    this.robot = robot;
    this.camera_hz = camera_hz;
    this.pictures = pictures;
    this.context = context;
    this.rng = rng.stream('cameras');
    this.calibrated = calibration === null ? null : new CalibratedCameras(calibration);
    this.second = second_world;
    const true_scene = second_world?.scene(scene) ?? scene;
    const plant = createPlant(robot, true_scene, rng, engine, variation, false, robot.home_q, second_world);
    this.engine = plant.engine;
    this.told = toldThrough(variation?.disturbance, second_world?.told(plant.engine) ?? plant.engine);
    this.arm = plant.arm;
    this.pusher = plant.pusher;
    this.disturber = plant.disturber;
    this.gate = new JournalledGate(envelope, robot, CONTROL_HZ);
    const supervisor = new Supervisor();
    this.loop = new ControlLoop({ robot, driver: plant.driver, gate: this.gate, supervisor, contact });
    this.control = new ControlNode(this.loop);
    const watching = new SafetyMonitors(robot, envelope, monitors);
    this.safety = new SafetyNode(this.gate, supervisor, outside, { audit, monitors: watching });
    this.watch = audit === null ? null : new InterventionWatch(this.gate, audit);
    this.servo = servo ? new CellServo(this.loop) : null;
    this.servoNode = this.servo === null ? null : new ServoNode(this.servo);
    this.nodes = [this.control, this.safety, ...(this.servoNode === null ? [] : [this.servoNode])];
    const view = with_cameras && pictures === null ? new SceneView(true_scene, robot.model) : null;
    this.seen = view;
    this.cameras =
      view === null
        ? []
        : Object.values(CAMERA_SPECS).map((spec) => {
            const varied = variation === null ? NO_PERTURBATION : randomizeCamera(variation, spec.name);
            const perturbation = second_world?.camera(spec.name, varied) ?? varied;
            return new SimCamera(spec, view, robot.model, perturbation);
          });
  }

  get time_s(): number {
    return this.engine.steps * DT_S;
  }

  /** One control cycle and the physics step it commands. Throws InvalidStateError when the world has come apart. */
  step(): void {
    this.loop.tick(this.time_s);
    this.arm.actuate();
    this.pusher.push(this.time_s);
    this.disturber.act(this.time_s);
    this.engine.step();
    if (this.engine.steps % CYCLES_PER_STATE === 0) this.engine.assertFinite();
  }

  /** The mode in which the arm is stopped, and what stopped it; empty while it operates. */
  get stopped(): string {
    const { mode } = this.gate;
    return isOperating(mode) ? '' : `${mode}: ${this.safety.stopCause}`;
  }

  /** Lets `source` command the arm in place of the servo, or nobody, so that it comes to rest; until `release`. */
  drive(source: CommandSource | null): void {
    this.servo?.yieldTo(true);
    this.loop.source = source;
  }

  release(): void {
    if (this.servo === null) this.loop.source = null;
    else this.servo.yieldTo(false);
  }

  /** What is due on the bus after a step: ended goals, joint states, pictures. */
  publish(): void {
    const { steps } = this.engine;
    this.control.afterTick();
    this.safety.afterTick();
    this.servo?.afterTick();
    this.servoNode?.afterTick();
    this.watch?.look();
    // The loop read the robot before the step.
    if (steps % CYCLES_PER_STATE === 0) this.publishState(secondsToStamp((steps - 1) * DT_S));
    if (this.pictures !== null) this.exposeOutside(steps);
    if (framesUntil(steps, this.camera_hz) === framesUntil(steps - 1, this.camera_hz)) return;
    this.frame_ticks++;
    for (const camera of this.cameras) this.expose(camera);
  }

  private publishState(stamp_ns: bigint): void {
    this.control.publishState(stamp_ns);
    const [fx, fy, fz, tx, ty, tz] = this.loop.state.wrench;
    const message = { stamp_ns, frame_id: this.robot.tcp_frame, force: [fx, fy, fz], torque: [tx, ty, tz] } as const;
    this.context.bus.publish(TOPICS.wrench, message);
  }

  /** Takes a picture now and sends it when the camera's latency has passed. */
  private expose(camera: SimCamera): void {
    const stamp_ns = secondsToStamp(this.time_s);
    if (camera.drops(stamp_ns, this.rng)) return;
    const frame =
      this.second === null
        ? camera.captureLater(this.posesNow(), stamp_ns, this.rng)
        : this.spoilt(camera, this.second, stamp_ns);
    this.show({ camera: camera.spec.name as CameraName, frame, latency_s: camera.latency_s });
  }

  private posesNow(): WorldPoses {
    const { nb } = this.robot.model;
    return new CopiedPoses(copyPoses(this.engine, nb), nb);
  }

  /** A picture of the second world, which says of its pose what is believed of the camera at its stamp. */
  private spoilt(camera: SimCamera, second: SecondWorld, stamp_ns: bigint): CameraFrame {
    const { engine, rng } = this;
    const { name, width } = camera.spec;
    const frame = camera.capture(second.seen(name, engine, stamp_ns, rng), stamp_ns, rng);
    second.spoil(name, stamp_ns, frame.colour.data, frame.depth.data, width, rng);
    const { T_world_camera_optical } = camera.pinhole(engine);
    return { ...frame, info: { ...frame.info, T_world_camera_optical: [...T_world_camera_optical] } };
  }

  private exposeOutside(steps: number): void {
    const camera = cameraDue(steps, this.camera_hz);
    if (camera === null) return;
    this.pictures?.expose(expose(camera, secondsToStamp(this.time_s), this.engine, this.robot.model.nb));
  }

  /** Publishes a picture when its latency has passed. */
  show({ camera, frame, latency_s }: Picture): void {
    const { bus, clock } = this.context;
    const topics = CAMERAS[camera];
    const info = this.calibrated?.apply(frame.info, this.believedHand()) ?? frame.info;
    this.frames++;
    clock.schedule(frame.info.stamp_ns + secondsToStamp(latency_s), () => {
      bus.publish(topics.info, info);
      bus.publish(topics.colour, frame.colour);
      bus.publish(topics.depth, frame.depth);
    });
  }

  /**
   * Knocks a camera out of its place, from its next picture on; nobody is told.
   * @param shift  position (m) and rotation vector (rad), added to how it stands in the frame where it is taken to stand
   */
  displaceCamera(name: CameraName, shift: CameraPerturbation['pose_error']): void {
    const { seen, robot } = this;
    if (seen === null) return;
    this.cameras = this.cameras.map((camera) => {
      if (camera.spec.name !== name) return camera;
      const [x, y, z, rx, ry, rz] = camera.perturbation.pose_error.map((value, k) => value + shift[k]);
      return new SimCamera(camera.spec, seen, robot.model, {
        ...camera.perturbation,
        pose_error: [x, y, z, rx, ry, rz],
      });
    });
  }

  /** T_world_hand as the joints say, row-major 4×4. */
  private believedHand(): readonly number[] {
    const data = new RobotData(this.robot.model);
    return toMatrix(handPosture(this.robot, data, this.loop.state.position).T_base_hand);
  }

  /** Tells the audit what goes on at the end; to be called once, after the last step. */
  endAudit(): void {
    this.watch?.finish();
  }

  /** Gives the engine's memory back. */
  dispose(): void {
    this.engine.dispose?.();
  }

  /** The world as the task judges it. */
  view(time_s: number): TaskView {
    const { robot, engine } = this;
    const data = new RobotData(robot.model);
    const pose = new Float64Array(12);
    forwardKinematics(robot.model, data, engine.q);
    framePose(
      robot.model,
      data,
      robot.model.frames.findIndex((f) => f.name === robot.tcp_frame),
      pose,
    );
    return {
      engine,
      time_s,
      gripper_width_m: robot.gripper === null ? 0 : 2 * engine.q[robot.gripper.coordinate],
      tool_position: [pose[9], pose[10], pose[11]],
    };
  }
}

/** Pictures of a camera that are due within so many steps. */
function framesUntil(steps: number, camera_hz: number): number {
  return Math.floor((steps * camera_hz) / CONTROL_HZ);
}
