import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../contracts/index.ts';
import { packageVersions } from '../../stack/index.ts';
import { type Deed, DeedLog, systemWallClock } from '../access/index.ts';
import { EpochFile, type Objectives } from '../control/index.ts';
import { LiveHistory } from '../history/index.ts';
import { FlightRecorder, Incidents } from '../incident/index.ts';
import type { Place, ServerMessage, StateFrame } from '../protocol/index.ts';
import { Corrections } from './corrections.ts';
import { GuardInput } from './guard_input.ts';
import { Operations } from './operations.ts';
import { OperatorDesk } from './operator_desk.ts';
import { PictureStream } from './picture_stream.ts';
import { Policies } from './policies.ts';
import { Questions } from './questions.ts';
import type { ConnectedRobot } from './robot_bus.ts';
import { RobotSide } from './robot_side.ts';
import { sceneMessage } from './scene_message.ts';
import type { PageSocket } from './sockets.ts';
import { StateFrames } from './state_frames.ts';
import { StopChannel } from './stop_channel.ts';

export interface RobotServiceOptions {
  readonly connected: ConnectedRobot;
  readonly now_ms: () => number;
  readonly places: readonly Place[];
  readonly objectives: Objectives;
  /** What is kept over a restart. */
  readonly state_dir: string;
  /** Incident bundles, and where the cell keeps its audit. */
  readonly out_dir: string;
  /** What ended before, for the operator to know. */
  readonly news: readonly string[];
  readonly log: Log;
  /** To every page. */
  readonly broadcast: (message: ServerMessage) => void;
}

/** One robot as its operators' server knows and serves it, whoever is connected. */
export class RobotService {
  readonly side: RobotSide;
  readonly stops: StopChannel;
  readonly pictures: PictureStream;
  readonly history: LiveHistory;
  readonly questions: Questions;
  readonly corrections: Corrections;
  readonly policies: Policies;
  readonly operations: Operations;
  readonly desk: OperatorDesk;
  readonly incidents: Incidents;
  private readonly flight: FlightRecorder;
  private readonly frames: StateFrames;
  private readonly input: GuardInput;
  private readonly deeds: DeedLog;
  private readonly options: RobotServiceOptions;

  constructor(options: RobotServiceOptions) {
    const { connected, now_ms, places, objectives, state_dir, out_dir, news, log, broadcast } = options;
    const { bus, clock, robot, world } = connected;
    const robot_ns = () => clock.now_ns();
    this.options = options;
    const side = new RobotSide(bus, robot_ns, now_ms);
    this.side = side;
    this.frames = new StateFrames(robot, side);
    this.stops = new StopChannel(robot, side);
    this.input = new GuardInput(bus, robot_ns);
    this.history = new LiveHistory(robot.model.joint_names, now_ms);
    this.flight = new FlightRecorder({ bus, robot_ns, now_ms });
    this.pictures = new PictureStream(now_ms, ({ camera, taken_ms, stamp_ns, jpeg }) => {
      this.history.addPicture(camera, taken_ms, jpeg);
      this.flight.addPicture(camera, stamp_ns, jpeg);
    });
    this.incidents = new Incidents({
      ...{ folder: join(out_dir, 'incidents'), recorder: this.flight, now_ms, date: () => new Date() },
      facts: {
        ...{ world, versions: packageVersions(), urdf: () => side.description?.message.data ?? '' },
        pictures: () => [...this.pictures.newest.values()],
        audits: () => auditsOf(out_dir),
      },
    });
    this.questions = new Questions(bus, robot_ns, () => broadcast(this.questions.message()));
    this.corrections = new Corrections(bus, robot_ns, this.questions);
    this.policies = new Policies(bus, world.kind, () => broadcast(this.policies.message()));
    this.deeds = new DeedLog(state_dir, { now: systemWallClock, tell: (problem) => log.warn({}, problem) });
    const epochs = new EpochFile(state_dir, systemWallClock());
    if (epochs.problem !== '') log.warn({}, epochs.problem);
    this.operations = new Operations({
      ...{ side, objectives, news },
      pendingStop: () => this.desk.pendingStop,
      openQuestions: () => this.questions.count,
      runsByItself: () => this.desk.runsByItself,
    });
    this.desk = new OperatorDesk({
      ...{ robot, side, robot_ns, frames: this.frames, questions: this.questions, places, epochs },
      ...{ corrections: this.corrections, policies: this.policies },
      neighbours: {
        acknowledge: (alarm, by) => this.operations.alarms.acknowledge(alarm, by, now_ms()),
        mark: (note, by) => {
          this.history.add('mark', note, by);
          this.flight.note('mark', `${by}: ${note}`);
          return '';
        },
        incident: (note, { session: { id, user, role } }) => this.incidents.write({ note, user, role, session: id }),
      },
      alarms: () => this.operations.alarms.standing,
      onDeed: (deed) => this.record(deed),
      onEvent: (event) => this.operations.hearDesk(event),
    });
    side.listenToPictures((camera, picture) => {
      this.pictures.take(camera, picture, side.taken_ms.get(camera) ?? now_ms());
    });
  }

  start(): void {
    this.side.start();
    this.questions.start();
    this.corrections.start();
    this.policies.start();
    this.operations.start();
    this.flight.start();
    this.input.start();
  }

  /** Ends every motion of its operators, then listens no more. */
  async stop(): Promise<void> {
    this.desk.end();
    this.input.stop();
    this.questions.stop();
    this.corrections.stop();
    this.policies.stop();
    this.operations.stop();
    this.flight.stop();
    this.side.stop();
    await this.deeds.settled();
  }

  /** Thirty times a second: the next frame, as it is for who does not hold the lease. */
  tick(): StateFrame {
    this.stops.watch();
    this.desk.step();
    const frame = this.frames.next(this.desk.view());
    this.history.take(frame);
    this.pictures.flush();
    return frame;
  }

  /** Five times a second: what is seen, and alarms that have changed. */
  look(): void {
    const { side, pictures } = this;
    const scene = sceneMessage(side, {
      get: (camera) => {
        const picture = pictures.newest.get(camera);
        return picture === undefined ? null : { width: picture.width, height: picture.height };
      },
    });
    this.tellAll(scene);
    const alarms = this.operations.changed();
    if (alarms !== null) this.tellAll(alarms);
  }

  /** Once a second. */
  slowly(): void {
    if (this.questions.expire()) this.options.broadcast(this.questions.message());
    for (const message of this.operations.messages()) this.tellAll(message);
  }

  /** The newest of everything that does not come with each state. */
  greeting(): readonly ServerMessage[] {
    const { operations, questions, policies } = this;
    return [...operations.messages(), operations.alarms.snapshot(), questions.message(), policies.message()];
  }

  /** A press of Stop has reached the server over its socket. */
  pressed({ session, address }: PageSocket): void {
    this.operations.hearStop();
    this.record({ session, address, deed: 'stop', fields: { by: 'socket' }, accepted: true, reason: '' });
  }

  /** Who did what, for good and for the page's past. */
  record(deed: Deed): void {
    this.deeds.record(deed);
    this.incidents.deeds.add(JSON.stringify(deed));
    const { session, deed: what, accepted, reason } = deed;
    this.history.add('deed', accepted ? what : `${what}, refused: ${reason}`, session?.user ?? '');
  }

  private tellAll(message: ServerMessage): void {
    this.history.take(message);
    this.options.broadcast(message);
  }
}

/** Audit logs that the cell has written beside. */
async function auditsOf(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  return names.filter((name) => name.endsWith('.audit.jsonl')).map((name) => join(folder, name));
}
