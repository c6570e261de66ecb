import type { Robot } from '../../robots/index.ts';
import { envelopeForRobot } from '../../safety/index.ts';
import type { Deed } from '../access/index.ts';
import {
  ControlDesk,
  type DeskEvent,
  type Epochs,
  jogLimits,
  LEASE_TIMES,
  type Operator,
  PICTURE_MS,
  sameOperator,
  TICK_MS,
} from '../control/index.ts';
import type { Command, Place, Reply } from '../protocol/index.ts';
import { armMotion } from './arm_motion.ts';
import type { Desk } from './control_socket.ts';
import type { Corrections } from './corrections.ts';
import { freeSpot, nextObject } from './next_object.ts';
import type { Policies } from './policies.ts';
import type { Questions } from './questions.ts';
import type { RobotSide } from './robot_side.ts';
import type { PageSocket } from './sockets.ts';
import type { OperatorView, StateFrames } from './state_frames.ts';
import type { WelcomeParts } from './world.ts';

/** What others than the desk do for a page. */
export interface DeskNeighbours {
  /** The empty string, or why not. */
  acknowledge(alarm: string, by: string): string;
  mark(note: string, by: string): string;
  /** The name of the bundle that is written. */
  incident(note: string, page: PageSocket): Promise<string>;
}

export interface OperatorDeskOptions {
  readonly robot: Robot;
  readonly side: RobotSide;
  readonly robot_ns: () => bigint;
  readonly frames: StateFrames;
  readonly questions: Questions;
  readonly corrections: Corrections;
  readonly policies: Policies;
  readonly places: readonly Place[];
  readonly epochs: Epochs;
  readonly neighbours: DeskNeighbours;
  readonly alarms: () => readonly string[];
  readonly onDeed: (deed: Deed) => void;
  readonly onEvent: (event: DeskEvent) => void;
}

/** Frame of the camera on the hand, in which a person may steer. */
const HAND_CAMERA = 'wrist_camera_optical_frame';

/** The desk as pages reach it: their commands go to whoever takes them, and every one that counts is recorded. */
export class OperatorDesk implements Desk {
  /** What pages are told they may ask for. */
  readonly offers: Pick<WelcomeParts, 'jog' | 'limits' | 'places'>;
  private readonly options: OperatorDeskOptions;
  private readonly desk: ControlDesk;

  constructor(options: OperatorDeskOptions) {
    const { robot, side, robot_ns, frames, places, epochs, alarms, policies, onEvent } = options;
    this.options = options;
    const limits = jogLimits(envelopeForRobot(robot));
    const times = { picture_ms: PICTURE_MS, tick_ms: TICK_MS, session_ms: LEASE_TIMES.silence_ms };
    this.offers = { jog: limits, limits: times, places };
    this.desk = new ControlDesk({
      ...{ bus: side.bus, now_ms: side.now_ms, robot_ns, scope: robot.name, epochs, ticks: frames.ticks, limits },
      joint_names: robot.model.joint_names.slice(0, robot.arm_joints),
      frames: { base: '', tool: robot.tcp_frame, camera: HAND_CAMERA },
      robot: {
        safety: () => (side.lost === '' ? (side.safety?.message ?? null) : null),
        arm: () => armMotion(side, robot.arm_joints),
        picture_ms: () => side.picture_ms(),
      },
      targetOf: (name) => {
        const place = this.placeOf(name);
        return place === null ? null : (freeSpot(place, this.seen()) ?? place.position);
      },
      isFull: (name) => {
        const place = this.placeOf(name);
        return place !== null && freeSpot(place, this.seen()) === null;
      },
      policyOf: (model_sha256) => policies.find(model_sha256),
      next: (name, tried) => nextObject(this.seen(), this.placeOf(name), tried),
      alarms,
      onEvent,
    });
  }

  view(): OperatorView {
    const { task, speed, lease } = this.desk.snapshot(null);
    const { yours: _, ...held } = lease;
    return { task, speed, lease: held };
  }

  holds(page: PageSocket): boolean {
    return sameOperator(this.desk.lease.lease?.operator ?? null, operatorOf(page));
  }

  /** A stop of its own that the gate does not show yet, by its cause; empty for none. */
  get pendingStop(): string {
    return this.desk.stop.pending ? this.desk.stop.cause : '';
  }

  /** Whether a motion that runs by itself is under way. */
  get runsByItself(): boolean {
    return this.desk.motions.busy;
  }

  /** Often: what was let go must stop, who is silent loses control, a batch goes on. */
  step(): void {
    this.desk.step();
  }

  /** Tells a page which of its held commands were dropped, and why. */
  tellRefused(page: PageSocket): void {
    const refused = this.desk.takeRefused(operatorOf(page));
    if (refused !== null) page.send(JSON.stringify(refused));
  }

  closed(page: PageSocket): void {
    this.desk.closed(operatorOf(page));
  }

  endSession(id: string): void {
    this.desk.endSession(id);
  }

  /** The server ends: nobody is in control any more. */
  end(): void {
    this.desk.end();
  }

  async take(page: PageSocket, asked: Command): Promise<Reply | null> {
    const reply = await this.answerTo(page, asked);
    if (reply !== null && asked.type !== 'preview') this.record(page, asked, reply);
    return reply;
  }

  private async answerTo(page: PageSocket, asked: Command): Promise<Reply | null> {
    const { questions, corrections, neighbours } = this.options;
    const { user } = page.session;
    switch (asked.type) {
      case 'ping':
        return null;
      case 'answer':
        return replyTo(asked.id, questions.answer(asked, user));
      case 'correct':
        return replyTo(asked.id, corrections.correct(asked, user));
      case 'acknowledge':
        return replyTo(asked.id, neighbours.acknowledge(asked.alarm, user));
      case 'mark':
        return replyTo(asked.id, neighbours.mark(asked.note, user));
      case 'incident':
        return { ...replyTo(asked.id, ''), incident: await neighbours.incident(asked.note, page) };
      default:
        return this.desk.take(operatorOf(page), asked);
    }
  }

  private record({ session, address }: PageSocket, asked: Command, { ok, reason }: Reply): void {
    this.options.onDeed({ session, address, deed: asked.type, fields: fieldsOf(asked), accepted: ok, reason });
  }

  private seen() {
    return this.options.side.objects?.message.detections ?? [];
  }

  private placeOf(name: string): Place | null {
    return this.options.places.find((place) => place.name === name) ?? null;
  }
}

function operatorOf({ session, tab }: PageSocket): Operator {
  return { session: session.id, tab, user: session.user };
}

function replyTo(to: number, reason: string): Reply {
  return { type: 'reply', to, ok: reason === '', reason };
}

/** What of a command the record of deeds keeps. */
function fieldsOf(asked: Command): Deed['fields'] {
  const { type: _type, ...rest } = asked;
  return Object.fromEntries(
    Object.entries(rest)
      .filter(([name]) => name !== 'id' && name !== 'tick')
      .map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : value]),
  );
}
