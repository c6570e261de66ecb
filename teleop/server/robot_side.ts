import {
  type Bus,
  CAMERAS,
  type ColourImage,
  type Detections,
  type JointState,
  type Markers,
  type SafetyState,
  type Subscription,
  stampToSeconds,
  TOPICS,
  type Topic,
} from '../../contracts/index.ts';
import type { PictureCamera } from '../protocol/index.ts';

/** The newest message of a topic, and when it came (ms of the server's clock); null before the first. */
export interface Newest<T> {
  readonly message: T;
  readonly arrived_ms: number;
}

export type PictureHandler = (camera: PictureCamera, picture: ColourImage, arrived_ms: number) => void;

/** How long after the last joint state the robot's side counts as lost, ms. */
export const LOST_MS = 500;

/** What the robot's bus says, newest first: everything the pages are shown is read from here. */
export class RobotSide {
  readonly bus: Bus;
  readonly now_ms: () => number;
  joints: Newest<JointState> | null = null;
  /** What the drives were sent. */
  sent: Newest<MessageOf<typeof TOPICS.controller_state>> | null = null;
  safety: Newest<SafetyState> | null = null;
  wrench: Newest<MessageOf<typeof TOPICS.wrench>> | null = null;
  servo: Newest<MessageOf<typeof TOPICS.servo_status>> | null = null;
  objects: Newest<Detections> | null = null;
  markers: Newest<Markers> | null = null;
  bodies: Newest<MessageOf<typeof TOPICS.bodies>> | null = null;
  description: Newest<MessageOf<typeof TOPICS.robot_description>> | null = null;
  /** By camera. */
  readonly detections = new Map<PictureCamera, Newest<Detections>>();
  /** When the newest picture of each camera was taken, ms of the server's clock. */
  readonly taken_ms = new Map<PictureCamera, number>();
  private readonly undo: (() => void)[] = [];
  private readonly onPicture: PictureHandler[] = [];
  private readonly onSafety: ((state: SafetyState) => void)[] = [];
  private readonly onJoints: ((state: JointState) => void)[] = [];
  private readonly robot_ns: () => bigint;
  private readonly name: string;

  /** @param robot_ns  the robot's clock */
  constructor(bus: Bus, robot_ns: () => bigint, now_ms: () => number, name = 'teleop') {
    this.bus = bus;
    this.robot_ns = robot_ns;
    this.now_ms = now_ms;
    this.name = name;
  }

  start(): void {
    const { now_ms } = this;
    const keep = <K extends 'sent' | 'wrench' | 'servo' | 'objects' | 'markers' | 'bodies' | 'description'>(key: K) => {
      return (message: NonNullable<RobotSide[K]>['message']) => {
        this[key] = { message, arrived_ms: now_ms() } as this[K];
      };
    };
    this.hear(TOPICS.joint_states, (message) => {
      this.joints = { message, arrived_ms: now_ms() };
      for (const tell of this.onJoints) tell(message);
    });
    this.hear(TOPICS.safety_state, (message) => {
      this.safety = { message, arrived_ms: now_ms() };
      for (const tell of this.onSafety) tell(message);
    });
    this.hear(TOPICS.controller_state, keep('sent'));
    this.hear(TOPICS.wrench, keep('wrench'));
    this.hear(TOPICS.servo_status, keep('servo'));
    this.hear(TOPICS.objects, keep('objects'));
    this.hear(TOPICS.markers, keep('markers'));
    this.hear(TOPICS.bodies, keep('bodies'));
    this.hear(TOPICS.robot_description, keep('description'));
    this.hear(TOPICS.detections, (message) => {
      const camera = cameraOf(message.request_id);
      if (camera !== null) this.detections.set(camera, { message, arrived_ms: now_ms() });
    });
    for (const camera of ['overview', 'wrist'] as const) {
      this.hear(CAMERAS[camera].colour, (picture) => {
        const arrived_ms = now_ms();
        this.taken_ms.set(camera, arrived_ms - this.ageOf(picture.stamp_ns));
        for (const tell of this.onPicture) tell(camera, picture, arrived_ms);
      });
    }
  }

  stop(): void {
    for (const undo of this.undo.splice(0)) undo();
  }

  /** Called with every picture as it comes. */
  listenToPictures(handler: PictureHandler): void {
    this.onPicture.push(handler);
  }

  listenToSafety(handler: (state: SafetyState) => void): void {
    this.onSafety.push(handler);
  }

  listenToJoints(handler: (state: JointState) => void): void {
    this.onJoints.push(handler);
  }

  /** Why nothing is heard of the robot; empty while it is. */
  get lost(): string {
    if (this.joints === null) return 'nothing has been heard of the robot yet';
    const age_ms = this.now_ms() - this.joints.arrived_ms;
    return age_ms > LOST_MS ? `nothing has been heard of the robot for ${(age_ms / 1000).toFixed(1)} s` : '';
  }

  /** Age of a camera's newest picture, ms; null before the first. */
  pictureAge_ms(camera: PictureCamera): number | null {
    const taken_ms = this.taken_ms.get(camera);
    return taken_ms === undefined ? null : this.now_ms() - taken_ms;
  }

  /** Age of the oldest of the cameras' newest pictures, ms; null before the first. */
  picture_ms(): number | null {
    const taken_ms = [...this.taken_ms.values()];
    return taken_ms.length === 0 ? null : this.now_ms() - Math.min(...taken_ms);
  }

  /** Age of something stamped by the robot's clock, at least 0, ms. */
  private ageOf(stamp_ns: bigint): number {
    return Math.max(0, 1000 * stampToSeconds(this.robot_ns() - stamp_ns));
  }

  private hear<T>(topic: Topic<T>, handler: (message: T) => void): void {
    const subscription: Subscription = this.bus.subscribe(topic, this.name, handler);
    this.undo.push(() => subscription.unsubscribe());
  }
}

type MessageOf<T> = T extends Topic<infer M> ? M : never;

/** Requests are named after the camera: `overview/12`. */
function cameraOf(request_id: string): PictureCamera | null {
  const [camera] = request_id.split('/');
  return camera === 'overview' || camera === 'wrist' ? camera : null;
}
