import {
  CAMERAS,
  type CameraName,
  type Confidence,
  type Detection,
  type Detections,
  type Escalation,
  type EscalationAnswer,
  type EscalationEnd,
  InProcessBus,
  SILENT_LOG,
  SimClock,
  secondsToStamp,
  TOPICS,
} from '../../contracts/index.ts';
import { EscalationNode, type EscalationNodeOptions, type RgbdFrame } from '../../perception/index.ts';
import { answerTo } from './person.ts';

const [WIDTH, HEIGHT] = [40, 30];
const DOUBT: Confidence = {
  visible: 0.7,
  possible: ['box', 'cylinder'],
  verdict: 'escalate',
  reason: 'it may be either',
};

/** A frame of a grey table with an object drawn into the middle; `shade` of its colour, `depth_m` of it all. */
export function drawnFrame(stamp_ns: bigint, camera: CameraName = 'overview', shade = 200, depth_m = 0.8): RgbdFrame {
  const image = { stamp_ns, frame_id: `${camera}_optical_frame`, width: WIDTH, height: HEIGHT };
  const data = new Uint8Array(3 * WIDTH * HEIGHT).fill(90);
  for (let v = 10; v < 20; v++) for (let u = 15; u < 25; u++) data[3 * (v * WIDTH + u)] = shade;
  const depth = new Float32Array(WIDTH * HEIGHT).fill(depth_m);
  const info = {
    ...{ ...image, name: camera, distortion_model: 'plumb_bob' as const },
    ...{ K: [50, 0, 20, 0, 50, 15, 0, 0, 1], D: [0, 0, 0, 0, 0] },
    T_world_camera_optical: [1, 0, 0, 0.5, 0, -1, 0, 0, 0, 0, -1, 0.8, 0, 0, 0, 1],
  };
  return { request_id: `${camera}/0`, colour: { ...image, data }, depth: { ...image, data: depth }, info };
}

/** A red box in the middle of the drawn picture. */
export function seenBox(part: Partial<Detection> = {}): Detection {
  return {
    ...{ id: 0, class: 'box', colour: 'red', score: 0.6, pixels: 100, image_box: [15, 10, 10, 10] },
    pose: { position: [0.5, 0, 0.02], orientation: [0, 0, 0, 1] },
    shape: { type: 'box', size: [0.04, 0.04, 0.04] },
    covariance: Array.from({ length: 36 }, () => 0),
    confidence: DOUBT,
    ...part,
  };
}

/** The escalation node on a bus of its own, with what is said there. */
export class EscalationRig {
  readonly bus = new InProcessBus({ validate: true });
  readonly clock = new SimClock();
  readonly questions: Escalation[] = [];
  readonly ends: EscalationEnd[] = [];
  readonly node: EscalationNode;

  constructor(options: EscalationNodeOptions = {}) {
    this.node = new EscalationNode({ hashOf: () => 'ab'.repeat(32), ...options });
  }

  async start(): Promise<void> {
    const { bus, clock } = this;
    await this.node.configure({ bus, clock, log: SILENT_LOG });
    this.node.activate();
    bus.subscribe(TOPICS.escalations, 'rig', (question) => void this.questions.push(question));
    bus.subscribe(TOPICS.escalation_ends, 'rig', (end) => void this.ends.push(end));
  }

  /** Lets time pass (s). */
  pass(seconds: number): void {
    this.clock.advance(this.clock.now_ns() + secondsToStamp(seconds));
  }

  /** Exposes a picture now. */
  expose(camera: CameraName = 'overview', shade?: number, depth_m?: number): RgbdFrame {
    const frame = drawnFrame(this.clock.now_ns(), camera, shade, depth_m);
    const { colour, depth, info } = CAMERAS[camera];
    this.bus.publish(info, frame.info);
    this.bus.publish(colour, frame.colour);
    this.bus.publish(depth, frame.depth);
    return frame;
  }

  /** What is seen in the picture exposed last. */
  seen(detections: readonly Detection[], camera: CameraName = 'overview'): Detections {
    const source = 'onnx' as const;
    const model = 'vision@1';
    const stamp_ns = this.clock.now_ns();
    return { stamp_ns, frame_id: 'world', request_id: `${camera}/7`, source, degraded_reason: '', model, detections };
  }

  /** Exposes a picture and is in doubt of what it shows; gives the question. */
  ask(object = seenBox(), camera: CameraName = 'overview'): Escalation {
    this.expose(camera);
    this.bus.publish(TOPICS.doubts, this.seen([object], camera));
    const question = this.questions.at(-1);
    if (question === undefined) throw new Error('nothing was asked');
    return question;
  }

  answer(question: Escalation, part: Partial<EscalationAnswer> = {}): void {
    this.bus.publish(TOPICS.escalation_answers, { ...answerTo(question), stamp_ns: this.clock.now_ns(), ...part });
  }

  /** How the questions have ended so far, refusals among them. */
  told(): string[] {
    return this.ends.map(({ end, reason }) => (reason === '' ? end : `${end}: ${reason}`));
  }
}
