import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Log } from '../../contracts/index.ts';
import {
  DeedLog,
  type Grant,
  LOCAL_GRANT,
  LoginCodes,
  LoginThrottle,
  type Origins,
  originsOf,
  SessionFile,
  Sessions,
  systemRandom,
  systemWallClock,
  Users,
} from '../access/index.ts';
import { EpochFile } from '../control/epoch_file.ts';
import type { Place, ServerMessage } from '../protocol/index.ts';
import { ControlSocket } from './control_socket.ts';
import { GuardInput } from './guard_input.ts';
import { createHttp } from './http.ts';
import { OperatorDesk } from './operator_desk.ts';
import { PictureSocket } from './picture_socket.ts';
import { PictureStream } from './picture_stream.ts';
import { Questions } from './questions.ts';
import type { ConnectedRobot } from './robot_bus.ts';
import { RobotSide } from './robot_side.ts';
import { addRoutes } from './routes.ts';
import { sceneMessage } from './scene_message.ts';
import { Sockets } from './sockets.ts';
import { StateFrames } from './state_frames.ts';
import { StopChannel } from './stop_channel.ts';
import { StopSocketHandler } from './stop_socket.ts';
import { welcome } from './world.ts';

export interface ServerSettings {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** What is kept over a restart. */
  readonly state_dir: string;
  /** Recordings, incidents, the record of deeds. */
  readonly out_dir: string;
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Names under which browsers reach it. */
  readonly names: readonly string[];
  readonly login: 'code' | 'users';
  /** Of the users. */
  readonly config_dir: string;
  readonly places: readonly Place[];
  /** What ended before, for the operator to know. */
  readonly news: readonly string[];
}

const STATE_MS = 1000 / 30;
const SCENE_MS = 200;
const REFUSED_MS = 250;
const SLOW_MS = 1000;

/** Milliseconds since 1970 that never go back while the process lives. */
export const steadyNow = (): number => performance.timeOrigin + performance.now();

/** The operators' server: one robot, any number of pages. */
export class OperatorServer {
  readonly codes: LoginCodes;
  private readonly http: FastifyInstance;
  private readonly side: RobotSide;
  private readonly desk: OperatorDesk;
  private readonly control: ControlSocket;
  private readonly frames: StateFrames;
  private readonly pictures: PictureStream;
  private readonly stops: StopChannel;
  private readonly questions: Questions;
  private readonly input: GuardInput;
  private readonly sessions: Sessions;
  private readonly sockets: Sockets;
  private readonly timers: NodeJS.Timeout[] = [];
  private origins: Origins = { hosts: new Set(), origins: new Set() };
  private readonly settings: ServerSettings;

  static async create(connected: ConnectedRobot, settings: ServerSettings, log: Log): Promise<OperatorServer> {
    const parts = { sessions: null as Sessions | null, server: null as OperatorServer | null };
    const clocks = { now: systemWallClock, random: systemRandom };
    const users = settings.login === 'users' ? new Users({ folder: settings.config_dir }) : null;
    const sessions = new Sessions({
      ...clocks,
      store: new SessionFile(settings.state_dir, (problem) => log.warn({}, problem)),
      ...(users === null ? {} : { isCurrent: (grant: Grant) => users.isCurrent(grant) }),
      onEnd: ({ id }, why) => parts.server?.endSession(id, why),
    });
    const http = await createHttp({
      origins: () => parts.server?.origins ?? { hosts: new Set(), origins: new Set() },
      sessions,
      log,
      onRefusal: ({ refusal, method, path, address, session }) => {
        log.warn({ reason: refusal.reason, method, path, address, session: session?.id ?? '' }, 'request refused');
      },
      tls: settings.tls,
    });
    const server = new OperatorServer(connected, settings, sessions, users, http, log);
    parts.server = server;
    await http.ready();
    return server;
  }

  private constructor(
    connected: ConnectedRobot,
    settings: ServerSettings,
    sessions: Sessions,
    users: Users | null,
    http: FastifyInstance,
    log: Log,
  ) {
    const { bus, clock, robot, world } = connected;
    const robot_ns = () => clock.now_ns();
    this.settings = settings;
    this.http = http;
    this.sessions = sessions;
    this.codes = new LoginCodes({ now: systemWallClock, random: systemRandom });
    const side = new RobotSide(bus, robot_ns, steadyNow);
    this.side = side;
    this.frames = new StateFrames(robot, side);
    this.stops = new StopChannel(robot, side);
    this.input = new GuardInput(bus, robot_ns);
    this.pictures = new PictureStream(steadyNow);
    this.questions = new Questions(bus, robot_ns, () => this.control.broadcast(this.questions.message()));
    const deeds = new DeedLog(settings.state_dir, { now: systemWallClock, tell: (problem) => log.warn({}, problem) });
    const epochs = new EpochFile(settings.state_dir, systemWallClock());
    if (epochs.problem !== '') log.warn({}, epochs.problem);
    this.desk = new OperatorDesk({
      ...{ robot, side, robot_ns, frames: this.frames, questions: this.questions, places: settings.places, epochs },
      neighbours: {
        acknowledge: () => 'no alarms are kept',
        mark: () => 'no past is kept',
        incident: async () => '',
      },
      alarms: () => [],
      onDeed: (deed) => deeds.record(deed),
      onEvent: () => {},
    });
    this.control = new ControlSocket({
      desk: this.desk,
      now_ms: steadyNow,
      greeting: (page) => [
        welcome(page.session, { robot, world, ...this.desk.offers }),
        ...this.slowMessages(),
        this.questions.message(),
      ],
      onRefusal: (page, command, reason) =>
        log.warn({ session: page.session.id, user: page.session.user, command, reason }, 'command refused'),
    });
    side.listenToPictures((camera, picture) => {
      this.pictures.take(camera, picture, side.taken_ms.get(camera) ?? steadyNow());
    });
    this.sockets = new Sockets(http.server as Server, {
      origins: () => this.origins,
      sessions,
      now_ms: steadyNow,
      handlers: {
        control: this.control,
        pictures: new PictureSocket(this.pictures),
        stop: new StopSocketHandler(this.stops, ({ session, address }) => {
          log.warn({ session: session.id, user: session.user }, 'stop pressed');
          deeds.record({ session, address, deed: 'stop', fields: { by: 'socket' }, accepted: true, reason: '' });
        }),
      },
      onRefusal: (socket, reason, address, session) =>
        log.warn({ socket, reason, address, session: session?.id ?? '' }, 'socket refused'),
    });
    addRoutes(http, {
      codes: this.codes,
      sessions,
      stops: this.stops,
      side,
      questions: this.questions,
      login: users === null ? null : { users, throttle: new LoginThrottle(systemWallClock) },
      onDeed: (deed) => deeds.record(deed),
    });
  }

  /** Opens the port and begins to serve; the address to open, without a code. */
  async listen(): Promise<string> {
    const { host, port, tls, names } = this.settings;
    await this.http.listen({ host, port });
    const { port: bound } = this.http.server.address() as AddressInfo;
    const scheme = tls === null ? 'http' : 'https';
    this.origins = originsOf({ scheme, port: bound, names });
    this.side.start();
    this.questions.start();
    this.input.start();
    this.every(STATE_MS, () => this.tick());
    this.every(SCENE_MS, () => this.control.broadcast(sceneMessage(this.side, this.sizes)));
    this.every(REFUSED_MS, () => {
      for (const page of this.control.connected) this.desk.tellRefused(page);
    });
    this.every(SLOW_MS, () => this.slowTick());
    return `${scheme}://${names.includes('localhost') ? 'localhost' : names[0]}:${bound}/`;
  }

  /** An address that opens one session of whoever started the server; where users log in by name, the address alone. */
  loginUrl(base: string): string {
    return this.settings.login === 'users' ? base : `${base}#t=${this.codes.issue(LOCAL_GRANT)}`;
  }

  async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    this.desk.end();
    this.input.stop();
    this.questions.stop();
    this.side.stop();
    this.sockets.close();
    this.sessions.save();
    await this.http.close();
  }

  private every(period_ms: number, work: () => void): void {
    this.timers.push(setInterval(work, period_ms));
  }

  private tick(): void {
    this.stops.watch();
    this.desk.step();
    const frame = this.frames.next(this.desk.view());
    const text = JSON.stringify(frame);
    const yours = JSON.stringify({ ...frame, lease: { ...frame.lease, yours: true } });
    this.control.stream((page) => (this.desk.holds(page) ? yours : text));
    this.pictures.flush();
  }

  private slowTick(): void {
    this.sessions.sweep();
    if (this.questions.expire()) this.control.broadcast(this.questions.message());
    for (const message of this.slowMessages()) this.control.broadcast(message);
  }

  private slowMessages(): readonly ServerMessage[] {
    return [];
  }

  private readonly sizes = {
    get: (camera: 'overview' | 'wrist') => {
      const picture = this.pictures.newest.get(camera);
      return picture === undefined ? null : { width: picture.width, height: picture.height };
    },
  };

  private endSession(id: string, why: string): void {
    this.sockets.end(id, why);
    this.desk.endSession(id);
  }
}
