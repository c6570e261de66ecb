import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import sharp from 'sharp';
import { type WebSocket, WebSocketServer } from 'ws';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import type { Role } from '../../teleop/access/index.ts';
import type {
  Alarm,
  Command,
  EscalationsMessage,
  PictureCamera,
  Reply,
  SceneMessage,
  ServerMessage,
  StateFrame,
  Welcome,
} from '../../teleop/protocol/index.ts';
import { PICTURE_HEADER_BYTES, writePictureHeader } from '../../teleop/protocol/index.ts';
import { compiledPage } from './programs.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
/** As strict as the server's own. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'none'",
  "form-action 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types surepick-xml',
].join('; ');
const HOME = [0, -0.785, 0, -2.356, 0, 1.571, 0.785];
const STATE_MS = 1000 / 30;
const PICTURE_MS = 1000 / 15;
const LIMITS: Welcome['limits'] = { picture_ms: 300, tick_ms: 150, session_ms: 2000 };
const NO_TASK: StateFrame['task'] = { kind: 'none', stage: '', reason: '', attempt: 0, done: 0, of: 0, paused: false };
const TOKEN = 'token-of-the-page-host';

export interface Heard {
  readonly command: Command;
  readonly at_ms: number;
}

/** A server of the page with an arm that only has joints: says what the real one says, and keeps all that it hears. */
export class TeleopPageHost {
  readonly heard: Heard[] = [];
  /** Bodies of stops, with the way by which each came. */
  readonly stops: { readonly by: 'socket' | 'request'; readonly id: number; readonly at_ms: number }[] = [];
  readonly tabs = new Set<string>();
  role: Role = 'operator';
  /** As of the real server unless a test gives a busy machine more time. */
  limits = LIMITS;
  kind: 'simulation' | 'real' = 'simulation';
  /** Whether states and pictures go out, and stops are answered. */
  states = true;
  pictures = true;
  answersStops = true;
  /** The server's clock, ms; null for the machine's. */
  time_ms: number | null = null;
  /** States that went out. */
  sent = 0;
  mode: NonNullable<StateFrame['safety']>['mode'] = 'reduced';
  reasons: readonly string[] = [];
  /** What a Reset finds not fixed, and stays stopped for. */
  unfixed: readonly string[] = [];
  lease: StateFrame['lease'] = { epoch: 7, holder: null, yours: false, request: null };
  task = NO_TASK;
  url = '';
  /** Of every request. */
  readonly addresses: string[] = [];
  /** Control sockets that were opened. */
  connections = 0;
  /** With the built page. */
  folder = '';
  private readonly http: Server;
  private readonly sockets = {
    control: new Set<WebSocket>(),
    pictures: new Set<WebSocket>(),
    stop: new Set<WebSocket>(),
  };
  private readonly timers: ReturnType<typeof setInterval>[] = [];
  private readonly codes = new Set<string>();
  private readonly jpegs = new Map<PictureCamera, Uint8Array>();
  private readonly q = [...HOME];
  private velocity: readonly number[] = HOME.map(() => 0);
  private tick = 1;
  private speed = 0.5;

  constructor() {
    this.http = createServer((request, response) => void this.serve(request, response));
  }

  async start(): Promise<void> {
    this.folder = await compiledPage();
    for (const [camera, hue] of [
      ['overview', 200],
      ['wrist', 30],
    ] as const)
      this.jpegs.set(camera, await picture(hue));
    const sockets = new WebSocketServer({ noServer: true });
    this.http.on('upgrade', (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (opened) => this.open(request.url ?? '', opened));
    });
    await new Promise<void>((resolve) => this.http.listen(0, '127.0.0.1', resolve));
    this.url = `http://localhost:${(this.http.address() as AddressInfo).port}`;
    this.timers.push(
      setInterval(() => this.sendStates(), STATE_MS),
      setInterval(() => this.sendPictures(), PICTURE_MS),
    );
  }

  /** As at the start, for the next test. */
  reset(): void {
    for (const list of [this.heard, this.stops, this.addresses]) list.length = 0;
    this.tabs.clear();
    this.connections = 0;
    this.role = 'operator';
    this.kind = 'simulation';
    this.limits = LIMITS;
    [this.states, this.pictures, this.answersStops] = [true, true, true];
    this.mode = 'reduced';
    [this.reasons, this.unfixed] = [[], []];
    this.time_ms = null;
    this.lease = { epoch: this.lease.epoch + 1, holder: null, yours: false, request: null };
    this.task = NO_TASK;
    this.velocity = HOME.map(() => 0);
  }

  change(to: Partial<Pick<TeleopPageHost, 'states' | 'pictures' | 'lease' | 'mode'>>): void {
    Object.assign(this, to);
  }

  /** Waits until something is true, at most ten seconds. */
  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    const end_ms = performance.now() + 10_000;
    while (!(await holds())) {
      if (performance.now() > end_ms) throw new Error(`waited in vain for: ${holds}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** An address that logs in once. */
  link(): string {
    const code = `code${this.codes.size}`;
    this.codes.add(code);
    return `${this.url}/#t=${code}`;
  }

  heardOf<T extends Command['type']>(type: T): readonly Extract<Command, { type: T }>[] {
    return this.heard.flatMap(({ command }) =>
      command.type === type ? [command as Extract<Command, { type: T }>] : [],
    );
  }

  broadcast(message: ServerMessage): void {
    for (const socket of this.sockets.control) socket.send(JSON.stringify(message));
  }

  /** Closes every socket, as a server does that ends. */
  drop(): void {
    for (const each of Object.values(this.sockets)) for (const socket of each) socket.terminate();
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    this.drop();
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    this.addresses.push(path);
    response.setHeader('content-security-policy', POLICY);
    const json = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const known = request.headers.authorization === `Bearer ${TOKEN}`;
    if (path === '/api/session' && request.method === 'POST') {
      const { code } = JSON.parse(await bodyOf(request)) as { code: string };
      const ok = this.codes.delete(code);
      this.codes.add(`used ${this.codes.size}`);
      return json(
        ok ? 200 : 401,
        ok ? { token: TOKEN, session: { id: 's-host' } } : { text: 'this address was used already' },
      );
    }
    if (path === '/api/stop') {
      const { id } = JSON.parse(await bodyOf(request)) as { id: number };
      this.stops.push({ by: 'request', id, at_ms: performance.now() });
      if (this.answersStops) json(200, { type: 'stop', id, phase: 'stopping', t_ms: 0, detail: '' });
      return;
    }
    if (path.startsWith('/api') && !known) return json(401, {});
    if (path === '/api/session') return json(200, {});
    if (path === '/api/robot') {
      response.writeHead(200, { 'content-type': 'application/xml' });
      return void response.end(readFileSync(join(PACKAGE_ROOT, 'robots', 'panda', 'panda.urdf')));
    }
    if (path.startsWith('/api/escalations/')) return void response.end(this.jpegs.get('overview'));
    if (path === '/api/incidents') return json(200, { incidents: ['20260101-100000', '20260101-110000'] });
    if (path === '/api/incidents/20260101-120000.zip') return void response.end('PK');
    if (path.startsWith('/api')) return json(404, {});
    const file = join(this.folder, normalize(path === '/' ? '/index.html' : path.split('?')[0]));
    try {
      const bytes = readFileSync(file);
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(bytes);
    } catch {
      json(404, {});
    }
  }

  private open(url: string, socket: WebSocket): void {
    const name = (['control', 'pictures', 'stop'] as const).find((each) => url === `/ws/${each}`);
    if (name === undefined) {
      socket.terminate();
      return;
    }
    socket.once('message', (data) => {
      const { token, tab } = JSON.parse(String(data)) as { token: string; tab: string };
      if (token !== TOKEN) return socket.close(1008, 'session');
      this.tabs.add(tab);
      this.sockets[name].add(socket);
      socket.once('close', () => this.sockets[name].delete(socket));
      if (name === 'control') {
        this.connections += 1;
        for (const message of [this.welcome(), this.scene()]) socket.send(JSON.stringify(message));
        socket.on('message', (text) => this.hear(socket, JSON.parse(String(text)) as Command));
      }
      if (name === 'stop')
        socket.on('message', (text) => this.hearStop(socket, JSON.parse(String(text)) as { id: number }));
    });
  }

  private hearStop(socket: WebSocket, { id }: { readonly id: number }): void {
    this.stops.push({ by: 'socket', id, at_ms: performance.now() });
    if (!this.answersStops) return;
    const say = (phase: string, more: object = {}) => {
      socket.send(JSON.stringify({ type: 'stop', id, phase, t_ms: performance.now(), detail: '', ...more }));
    };
    say('taken');
    say('stopping');
    this.velocity = HOME.map(() => 0);
    this.mode = 'protective_stop';
    this.reasons = ['operator pressed Stop'];
    setTimeout(() => say('standstill', { travel_m: 0.004 }), 60);
  }

  private hear(socket: WebSocket, command: Command): void {
    this.heard.push({ command, at_ms: performance.now() });
    if (command.type === 'ping') {
      socket.send(JSON.stringify({ type: 'pong', at_ms: command.at_ms, server_ms: this.now_ms }));
      return;
    }
    if (command.type === 'jog')
      this.velocity = HOME.map((_, i) => 0.3 * ([...command.linear, ...command.angular][i] ?? 0));
    if (command.type === 'jog_joints') this.velocity = command.velocity.map((share) => 0.3 * share);
    if (command.type === 'release') this.velocity = HOME.map(() => 0);
    if (command.type === 'speed') this.speed = command.share;
    if ('id' in command)
      socket.send(JSON.stringify({ type: 'reply', to: command.id, ok: true, reason: '', ...this.answer(command) }));
  }

  private answer(command: Command): object {
    if (command.type === 'lease') {
      const yours = command.want === 'take';
      const holder = yours ? { session: 's-host', user: 'local', tab: 'x' } : null;
      this.lease = { epoch: this.lease.epoch + 1, holder, yours, request: null };
    }
    if (command.type === 'preview') {
      const path = Array.from({ length: 20 }, (_, i) => HOME.map((q, j) => q + (j === 1 ? 0.03 * i : 0)));
      const joint_names = this.welcome().joints.names;
      return { preview: { ok: true, reason: '', joint_names, path, tool: null, width_m: 0.05 } };
    }
    if (command.type === 'pick')
      this.task = { ...this.task, kind: 'pick', stage: 'approach', reason: 'moving above it', attempt: 1 };
    if (command.type === 'reset') {
      const [reason] = this.unfixed;
      if (reason !== undefined) return { ok: false, reason, causes: this.causes() };
      this.mode = 'reduced';
      this.reasons = [];
      return { causes: [{ cause: 'operator pressed Stop', fixed: true }] };
    }
    return command.type === 'incident' ? { incident: '20260101-120000' } : {};
  }

  private causes(): Reply['causes'] {
    return [...this.reasons, ...this.unfixed].map((cause) => ({ cause, fixed: !this.unfixed.includes(cause) }));
  }

  welcome(): Welcome {
    const names = HOME.map((_, i) => `panda_joint${i + 1}`);
    return {
      type: 'welcome',
      session: { id: 's-host', user: 'local', role: this.role },
      world: { kind: this.kind, robot: 'panda', name: this.kind === 'real' ? 'cell 4' : 'simulated cell' },
      joints: { names, lower_rad: names.map(() => -2.8), upper_rad: names.map(() => 2.8) },
      jog: { linear_m_s: 0.15, angular_rad_s: 0.5, joint_rad_s: names.map(() => 0.4) },
      gripper: { max_width_m: 0.08, max_force_N: 70 },
      places: [
        { name: 'bin', position: [0.4, 0.35, 0.02], size: [0.2, 0.2] },
        { name: 'tray', position: [0.4, -0.35, 0.02], size: [0.2, 0.2] },
      ],
      objects: (['red', 'blue'] as const).flatMap((colour) => [
        { class: 'box', colour },
        { class: 'cylinder', colour },
      ]),
      zones: [],
      limits: this.limits,
      physical_stop: `The button that stops the robot must be within reach of your hand${this.kind === 'real' ? '.' : ': a simulated robot has none.'}`,
    };
  }

  private scene(): SceneMessage {
    const at = (x: number, y: number) => ({ position: [x, y, 0.03] as const, orientation: [0, 0, 0, 1] as const });
    const common = { score: 0.97, verdict: 'accept', reason: '' };
    const shape = { type: 'box', size: [0.05, 0.05, 0.05] } as const;
    const [first, second] = [
      { id: 1, class: 'box' as const, colour: 'red' as const },
      { id: 2, class: 'cylinder' as const, colour: 'blue' as const },
    ];
    return {
      type: 'scene',
      objects: [
        { ...first, ...common, pose: at(0.5, 0.1), shape },
        { ...second, ...common, verdict: 'ask', reason: 'half hidden', score: 0.61, pose: at(0.55, -0.12), shape },
      ],
      outlines: (['overview', 'wrist'] as const).map((camera) => ({
        camera,
        stamp_ms: 0,
        width: 320,
        height: 240,
        boxes: [
          { ...first, score: 0.97, box: [60, 100, 50, 50] },
          { ...second, score: 0.61, box: [190, 120, 40, 60] },
        ],
      })),
      path: [],
      degraded: '',
      bodies: [],
    };
  }

  question(id: string, left_ms = 30_000): EscalationsMessage['open'][number] {
    return {
      ...{ id, question: `Is this a red box? (${id})`, options: ['red box', 'skip'], asked_by: 'detector' },
      ...{
        request_id: 'r',
        frame_sha256: 'f'.repeat(64),
        model: 'm',
        image_box: [60, 100, 50, 50],
        picture: true,
        left_ms,
      },
    };
  }

  alarm(priority: Alarm['priority']): Alarm {
    const text = `${priority} alarm`;
    const times = { raised_ms: Date.now(), cleared_ms: null };
    return { id: priority, priority, text, remedy: 'Look at it.', ...times, acknowledged_by: null, count: 2 };
  }

  get now_ms(): number {
    return this.time_ms ?? performance.now();
  }

  private sendStates(): void {
    for (const [i, v] of this.velocity.entries()) this.q[i] += (v * STATE_MS) / 1000;
    this.tick += 1;
    if (!this.states) return;
    const { now_ms } = this;
    this.sent += 1;
    const moving = isOperating(this.mode);
    this.broadcast({
      type: 'state',
      tick: this.tick,
      sent_ms: now_ms,
      robot_ms: now_ms,
      age_ms: 4,
      q: this.q,
      v: this.velocity,
      effort: HOME.map(() => 0),
      commanded: this.q.map((q, i) => q + (i === 0 ? 0.3 : 0)),
      gripper_width_m: 0.08,
      tool: { pose: { position: [0.31 + this.q[0], 0, 0.49], orientation: [1, 0, 0, 0] }, speed_m_s: 0 },
      wrench: [0, 0, 0, 0, 0, 0],
      safety: {
        mode: this.mode,
        latched: !moving,
        reasons: this.reasons,
        stop_category: moving ? -1 : 1,
        drives_on: moving,
        stop_time_s: 0.12,
        lease_valid: true,
        degradation: 'none',
        pace: 1,
        separation_m: null,
        protective_distance_m: null,
      },
      servo: { state: 'idle', reason: 'none', share: 1, detail: '' },
      task: this.task,
      speed: this.speed,
      lease: this.lease,
      pictures_ms: { overview: 20, wrist: 20 },
      lost: '',
    });
  }

  private sendPictures(): void {
    if (!this.pictures) return;
    for (const [camera, jpeg] of this.jpegs) {
      const message = new Uint8Array(PICTURE_HEADER_BYTES + jpeg.length);
      writePictureHeader(
        { camera, width: 320, height: 240, stamp_ms: this.now_ms, age_ms: 20 },
        new DataView(message.buffer),
      );
      message.set(jpeg, PICTURE_HEADER_BYTES);
      for (const socket of this.sockets.pictures) socket.send(message);
    }
  }
}

function isOperating(mode: string): boolean {
  return mode === 'automatic' || mode === 'reduced' || mode === 'guided';
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

async function picture(hue: number): Promise<Uint8Array> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240"><rect width="320" height="240" fill="hsl(${hue} 20% 60%)"/>
    <rect x="60" y="100" width="50" height="50" fill="#b03030"/><rect x="190" y="120" width="40" height="60" fill="#3050b0"/></svg>`;
  return sharp(Buffer.from(svg)).jpeg().toBuffer();
}
