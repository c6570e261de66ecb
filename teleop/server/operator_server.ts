import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Log } from '../../contracts/index.ts';
import { SteadyTimer } from '../../runtime/index.ts';
import {
  bareName,
  isLocal,
  LOCAL_GRANT,
  LoginCodes,
  LoginThrottle,
  nameToOpen,
  type Origins,
  originsOf,
  SessionFile,
  Sessions,
  systemRandom,
  systemWallClock,
  Users,
} from '../access/index.ts';
import { approvalRoutes, type OpenApprovals } from '../approvals/index.ts';
import type { Objectives } from '../control/index.ts';
import { historyRoutes } from '../history/index.ts';
import { incidentRoutes } from '../incident/index.ts';
import type { Place } from '../protocol/index.ts';
import { openReplays, type Replays, replayRoutes } from '../replays/index.ts';
import { ControlSocket } from './control_socket.ts';
import { createHttp } from './http.ts';
import { PictureSocket } from './picture_socket.ts';
import type { ConnectedRobot } from './robot_bus.ts';
import { RobotService } from './robot_service.ts';
import { addRoutes } from './routes.ts';
import { Sockets } from './sockets.ts';
import { StopSocketHandler } from './stop_socket.ts';
import { welcome } from './world.ts';

export interface ServerSettings {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** What is kept over a restart. */
  readonly state_dir: string;
  /** Incidents. */
  readonly out_dir: string;
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Names under which browsers reach it. */
  readonly names: readonly string[];
  readonly login: 'code' | 'users';
  /** Of the users. */
  readonly config_dir: string;
  /** Recorded runs that can be opened. */
  readonly runs_dir: string;
  /** Where approvals that were signed elsewhere are taken in; null for nowhere. */
  readonly approvals: { readonly folder: string; readonly approvers: string } | null;
  readonly places: readonly Place[];
  /** What ended before, for the operator to know. */
  readonly news: readonly string[];
}

/** Where none are taken in, none are asked for. */
const NO_APPROVALS: OpenApprovals = { requests: [] };
const STATE_S = 1 / 30;
const LOOK_MS = 200;
const SLOW_MS = 1000;

/** Milliseconds since 1970 that never go back while the process lives. */
export const steadyNow = (): number => performance.timeOrigin + performance.now();

/** The operators' server: one robot, any number of pages. */
export class OperatorServer {
  private readonly settings: ServerSettings;
  private readonly codes = new LoginCodes({ now: systemWallClock, random: systemRandom });
  private readonly sessions: Sessions;
  private readonly http: FastifyInstance;
  private readonly robot: RobotService;
  private readonly control: ControlSocket;
  private readonly sockets: Sockets;
  private readonly replays: Replays;
  private readonly timers: NodeJS.Timeout[] = [];
  private ticker: SteadyTimer | null = null;
  private origins: Origins = { hosts: new Set(), origins: new Set() };

  static async create(
    connected: ConnectedRobot,
    settings: ServerSettings,
    objectives: Objectives,
    log: Log,
  ): Promise<OperatorServer> {
    let server: OperatorServer | null = null;
    const tell = (problem: string) => log.warn({}, problem);
    const users = settings.login === 'users' ? new Users({ folder: settings.config_dir, tell }) : null;
    const sessions = new Sessions({
      ...{ now: systemWallClock, random: systemRandom },
      store: new SessionFile(settings.state_dir, tell),
      // Those of before, when the server was started the other way, end.
      isCurrent: (grant) => (users === null ? isLocal(grant) : users.isCurrent(grant)),
      onEnd: ({ id }, why) => server?.endSession(id, why),
    });
    const http = await createHttp({
      origins: () => server?.origins ?? { hosts: new Set(), origins: new Set() },
      sessions,
      log,
      onRefusal: ({ refusal, method, path, address, session }) => {
        log.warn({ reason: refusal.reason, method, path, address }, 'request refused');
        const fields = { method, path };
        server?.robot.record({ session, address, deed: 'request', fields, accepted: false, reason: refusal.reason });
      },
      tls: settings.tls,
    });
    server = new OperatorServer(connected, settings, objectives, sessions, users, http, log);
    await http.ready();
    return server;
  }

  private constructor(
    connected: ConnectedRobot,
    settings: ServerSettings,
    objectives: Objectives,
    sessions: Sessions,
    users: Users | null,
    http: FastifyInstance,
    log: Log,
  ) {
    const { places, state_dir, out_dir, news } = settings;
    this.settings = settings;
    this.replays = openReplays(settings.runs_dir);
    this.sessions = sessions;
    this.http = http;
    const robot = new RobotService({
      ...{ connected, now_ms: steadyNow, places, objectives, state_dir, out_dir, news, log },
      broadcast: (message) => this.control.broadcast(message),
    });
    this.robot = robot;
    this.control = new ControlSocket({
      desk: robot.desk,
      now_ms: steadyNow,
      greeting: ({ session }) => [welcome(session, { ...connected, ...robot.desk.offers }), ...robot.greeting()],
      onRefusal: ({ session, address }, command, reason) =>
        robot.record({ session, address, deed: command || 'message', fields: {}, accepted: false, reason }),
    });
    this.sockets = new Sockets(http.server as Server, {
      origins: () => this.origins,
      sessions,
      now_ms: steadyNow,
      handlers: {
        control: this.control,
        pictures: new PictureSocket(robot.pictures),
        stop: new StopSocketHandler(robot.stops, (page) => robot.pressed(page)),
      },
      onRefusal: (socket, reason, address, session) => {
        log.warn({ socket, reason, address }, 'socket refused');
        robot.record({ session, address, deed: 'socket', fields: { socket }, accepted: false, reason });
      },
    });
    const login = users === null ? null : { users, throttle: new LoginThrottle(systemWallClock) };
    addRoutes(http, { codes: this.codes, sessions, robot, login });
    http.register(historyRoutes, { history: () => robot.history });
    http.register(incidentRoutes, { incidents: robot.incidents });
    http.register(replayRoutes, { replays: this.replays });
    const { approvals } = settings;
    if (approvals === null) http.get('/api/approvals', { config: { access: 'approve' } }, async () => NO_APPROVALS);
    else http.register(approvalRoutes, { ...approvals, record: (deed) => robot.record(deed) });
  }

  /** Opens the port and begins to serve; the address to open, without a code. */
  async listen(): Promise<string> {
    const { host, port, tls, names } = this.settings;
    await this.http.listen({ host: bareName(host), port });
    const { port: bound } = this.http.server.address() as AddressInfo;
    const scheme = tls === null ? 'http' : 'https';
    this.origins = originsOf({ scheme, port: bound, names });
    this.robot.start();
    this.ticker = new SteadyTimer(STATE_S, () => this.tick());
    this.timers.push(
      setInterval(() => this.look(), LOOK_MS),
      setInterval(() => this.slowly(), SLOW_MS),
    );
    return `${scheme}://${nameToOpen(host, names)}:${bound}/`;
  }

  /** An address that opens one session of whoever started the server; where users log in by name, the address alone. */
  loginUrl(base: string): string {
    return this.settings.login === 'users' ? base : `${base}#t=${this.codes.issue(LOCAL_GRANT)}`;
  }

  /** A line of the server's log, for incident bundles. */
  noteLog(line: string): void {
    this.robot.incidents.log.add(line);
  }

  async close(): Promise<void> {
    this.ticker?.stop();
    for (const timer of this.timers) clearInterval(timer);
    await this.robot.stop();
    this.sockets.close();
    await this.replays.close();
    await this.sessions.close();
    await this.http.close();
  }

  private tick(): void {
    const frame = this.robot.tick();
    const text = JSON.stringify(frame);
    const { desk } = this.robot;
    const yours = JSON.stringify({ ...frame, lease: { ...frame.lease, yours: true } });
    this.control.stream((page) => (desk.holds(page) ? yours : text));
  }

  private look(): void {
    this.robot.look();
    for (const page of this.control.connected) this.robot.desk.tellRefused(page);
  }

  private slowly(): void {
    this.sessions.sweep();
    this.robot.slowly();
  }

  private endSession(id: string, why: string): void {
    this.sockets.end(id, why);
    this.robot.desk.endSession(id);
  }
}
