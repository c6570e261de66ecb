import {
  type Colour,
  type Detection,
  type Detections,
  type Markers,
  type NodeContext,
  type Pose,
  type Shape,
  TOPICS,
  type Vector3,
} from '../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, poseFrom12, RobotData } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import type { PlannedMotion, TaskRequest } from './requests.ts';

type Marker = Markers['markers'][number];
type Rgba = Marker['colour'];

/** The path is drawn through points this far apart (m), and never further from a left out one. */
const SPACING_M = 0.005;
const LINE_M = 0.003;
const AXIS_M = 0.06;
const ORIGIN: Pose = { position: [0, 0, 0], orientation: [0, 0, 0, 1] };
const PATH_COLOUR: Rgba = [0.1, 0.8, 0.9, 1];
/** x red, y green, z blue, as RViz draws frames. */
const AXES: readonly { readonly tip: Vector3; readonly colour: Rgba }[] = [
  { tip: [AXIS_M, 0, 0], colour: [1, 0, 0, 1] },
  { tip: [0, AXIS_M, 0], colour: [0, 1, 0, 1] },
  { tip: [0, 0, AXIS_M], colour: [0, 0, 1, 1] },
];
const COLOUR_OF: Readonly<Record<Colour, Rgba>> = {
  red: [0.9, 0.1, 0.1, 0.6],
  orange: [1, 0.5, 0, 0.6],
  yellow: [1, 0.9, 0.1, 0.6],
  green: [0.1, 0.7, 0.2, 0.6],
  blue: [0.1, 0.3, 0.9, 0.6],
  purple: [0.5, 0.1, 0.7, 0.6],
};
/** At whose ends the tool is where it takes and lets go. */
const POSES = { descend: 'grasp', place: 'place' } as const;

/**
 * What a task plans, for people to see on /planning/markers: the tool's path ahead as a line (frame world), the tool's
 * poses at grasp and place as axes, and the objects last seen as boxes around them. Every message is the whole picture: it
 * begins with the deletion of the one before. Nothing is computed while nobody subscribes.
 */
export class PlanMarkers {
  private readonly context: NodeContext;
  private readonly tool: ToolPath;
  private ahead: readonly PlannedMotion[] = [];
  private seen: Detections | null = null;
  /** Of `ahead`; null until somebody wants it. */
  private drawn: readonly Marker[] | null = null;

  constructor(robot: Robot, context: NodeContext) {
    this.context = context;
    this.tool = new ToolPath(robot);
  }

  /** What a task asks for may be a row of motions, or one that was in none. */
  follow(request: TaskRequest): void {
    if (request.kind === 'stage' && request.ahead !== undefined) this.plan(request.ahead);
    // Who looks again has carried out what was planned, or given it up.
    const looks = request.kind === 'detect' || request.kind === 'detect_inside';
    if (looks && this.ahead.length > 0) this.plan([]);
    if (request.kind !== 'move') return;
    const { label, trajectory } = request;
    if (this.ahead.some((motion) => motion.trajectory === trajectory)) return;
    this.plan([{ label, trajectory }]);
  }

  /** What was seen, in place of what was seen before. */
  see(detections: Detections): void {
    this.seen = detections;
    this.publish();
  }

  /** The goal has ended. */
  clear(): void {
    this.ahead = [];
    this.seen = null;
    this.drawn = null;
    this.publish();
  }

  private plan(ahead: readonly PlannedMotion[]): void {
    this.ahead = ahead;
    this.drawn = null;
    this.publish();
  }

  private publish(): void {
    const { bus, clock } = this.context;
    if (bus.subscribers(TOPICS.markers) === 0) return;
    this.drawn ??= this.drawPlan();
    const { frame_id = 'world', detections = [] } = this.seen ?? {};
    const objects = detections.map((detection, id) => cube(frame_id, id, detection));
    bus.publish(TOPICS.markers, { stamp_ns: clock.now_ns(), markers: [DELETE_ALL, ...this.drawn, ...objects] });
  }

  private drawPlan(): Marker[] {
    if (this.ahead.length === 0) return [];
    const points = this.tool.through(this.ahead);
    const path = line('path', 0, points, PATH_COLOUR);
    const poses = this.ahead.flatMap(({ label, trajectory: { position } }) => {
      if (label !== 'descend' && label !== 'place') return [];
      const pose = this.tool.at(position, position.length - this.tool.joints);
      return AXES.map(({ tip, colour }, id) => ({ ...line(POSES[label], id, [[0, 0, 0], tip], colour), pose }));
    });
    return [path, ...poses];
  }
}

/** Where the tool is along trajectories of the arm's joints. */
class ToolPath {
  readonly joints: number;
  private readonly robot: Robot;
  private readonly frame: number;
  private readonly data: RobotData;
  private readonly q: Float64Array;
  private readonly place = new Float64Array(12);

  constructor(robot: Robot) {
    this.robot = robot;
    this.joints = robot.arm_joints;
    this.frame = frameIndex(robot.model, robot.tcp_frame);
    this.data = new RobotData(robot.model);
    this.q = robot.home_q.slice();
  }

  /** Pose of the tool frame in the world for the joint positions at `offset` (rad). */
  at(position: Float64Array, offset: number): Pose {
    this.locate(position, offset);
    return poseFrom12(this.place);
  }

  /** Points on the tool's way, both ends among them, those in between thinned out. */
  through(motions: readonly PlannedMotion[]): Vector3[] {
    const { joints, place } = this;
    const points: Vector3[] = [];
    for (const { trajectory } of motions) {
      const { position } = trajectory;
      for (let offset = 0; offset < position.length; offset += joints) {
        this.locate(position, offset);
        const last = points.at(-1);
        const [x, y, z] = place.subarray(9);
        const end = offset + joints === position.length;
        if (!end && last !== undefined && Math.hypot(x - last[0], y - last[1], z - last[2]) < SPACING_M) continue;
        points.push([x, y, z]);
      }
    }
    return points;
  }

  private locate(position: Float64Array, offset: number): void {
    const { robot, data, q, joints } = this;
    for (let j = 0; j < joints; j++) q[j] = position[offset + j];
    forwardKinematics(robot.model, data, q);
    framePose(robot.model, data, this.frame, this.place);
  }
}

const DELETE_ALL: Marker = { ...line('', 0, [], [0, 0, 0, 0]), kind: 'delete_all', scale: [0, 0, 0] };

function line(namespace: string, id: number, points: readonly Vector3[], colour: Rgba): Marker {
  return {
    ...{ namespace, id, frame_id: 'world', kind: 'line_strip', pose: ORIGIN, scale: [LINE_M, 0, 0] },
    ...{ colour, points },
  };
}

function cube(frame_id: string, id: number, { pose, shape, colour }: Detection): Marker {
  return {
    ...{ namespace: 'objects', id, frame_id, kind: 'cube', pose, scale: sizeOf(shape) },
    ...{ colour: COLOUR_OF[colour], points: [] },
  };
}

/** Sides of the box around a shape (m). */
function sizeOf(shape: Shape): Vector3 {
  switch (shape.type) {
    case 'box':
      return shape.size;
    case 'cylinder':
      return [2 * shape.radius, 2 * shape.radius, shape.length];
    case 'sphere':
      return [2 * shape.radius, 2 * shape.radius, 2 * shape.radius];
  }
}
