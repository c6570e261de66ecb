import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { isIP } from 'node:net';
import { WebSocket } from 'ws';
import type {
  Command,
  PictureHeader,
  Reply,
  ServerMessage,
  StateFrame,
  StopProgress,
  Welcome,
} from '../../teleop/protocol/index.ts';
import { readPictureHeader } from '../../teleop/protocol/pictures.ts';
import type { ArmOverBus } from './arm_over_bus.ts';

/** Distributes over the union. */
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type Asked = Without<Extract<Command, { readonly id: number }>, 'id' | 'epoch' | 'tick'>;

export interface OpenedSession {
  readonly base: string;
  readonly token: string;
  readonly id: string;
  /** Certificate of the authority that is trusted, PEM; for https. */
  readonly ca?: string;
}

/** An answer over HTTP. */
export interface Answered {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** A request as a page of the server would make it; headers in place of a page's own may be given. */
export function askHttp(
  base: string,
  method: string,
  path: string,
  {
    body,
    token,
    headers = {},
    ca,
  }: { body?: unknown; token?: string; headers?: Readonly<Record<string, string>>; ca?: string } = {},
): Promise<Answered> {
  const { hostname, port, origin, protocol } = new URL(base);
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const asked = (protocol === 'https:' ? secureRequest : request)(
      {
        ...{ hostname, port, method, path, agent: false, ...(ca === undefined ? {} : { ca }) },
        // Whatever Host is sent, the certificate is judged by the address.
        servername: isIP(hostname) === 0 ? hostname : '',
        headers: {
          origin,
          ...(text === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(parts).toString(),
            headers: response.headers,
          }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(text);
  });
}

/** Exchanges the code of a printed address for a session. */
export async function openSession(url: string): Promise<OpenedSession> {
  const { origin, hash } = new URL(url);
  const { status, body } = await askHttp(origin, 'POST', '/api/session', { body: { code: hash.slice('#t='.length) } });
  if (status !== 200) throw new Error(`no session for ${url}: ${status} ${body}`);
  const { token, session } = JSON.parse(body) as { token: string; session: { id: string } };
  return { base: origin, token, id: session.id };
}

/** Between messages of a held control. */
const HELD_MS = 1000 / 30;
const LET_GO = /press it anew/;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** One page without a browser: speaks the protocol over its three sockets. */
export class TeleopClient {
  welcome: Welcome | null = null;
  frame: StateFrame | null = null;
  frames = 0;
  /** Between frames, ms of this machine. */
  readonly gaps_ms: number[] = [];
  readonly pictures: { readonly header: PictureHeader; readonly bytes: number }[] = [];
  readonly newest = new Map<ServerMessage['type'], ServerMessage>();
  readonly replies: Reply[] = [];
  readonly stops: (StopProgress & { readonly heard_ms: number })[] = [];
  closed = '';
  /** When the last held control was sent, ms. */
  held_ms = 0;
  readonly session: OpenedSession;
  readonly tab: string;
  readonly control: WebSocket;
  private readonly others: WebSocket[] = [];
  private id = 0;
  private sequence = 0;
  private last_ms = 0;
  private readonly waiting = new Set<() => void>();

  private constructor(session: OpenedSession, tab: string, control: WebSocket) {
    this.session = session;
    this.tab = tab;
    this.control = control;
    control.on('message', (data) => this.hear(JSON.parse(String(data)) as ServerMessage));
    control.on('close', (code, reason) => {
      this.closed = `${code} ${String(reason)}`;
      this.tell();
    });
  }

  static async connect(session: OpenedSession, tab = `tab-${Math.random().toString(36).slice(2, 12)}`) {
    const client = new TeleopClient(session, tab, await socket(session, 'control', tab));
    await client.until(() => client.frame !== null, 'a state');
    return client;
  }

  /** The newest epoch that the state names. */
  get epoch(): number {
    return this.frame?.lease.epoch ?? 0;
  }

  get tick(): number {
    return this.frame?.tick ?? 0;
  }

  async watchPictures(): Promise<void> {
    const pictures = await socket(this.session, 'pictures', this.tab);
    this.others.push(pictures);
    pictures.on('message', (data) => {
      const bytes = data as Buffer;
      const copy = new Uint8Array(bytes).buffer;
      const header = readPictureHeader(copy);
      if (header !== null) this.pictures.push({ header, bytes: bytes.length });
      this.tell();
    });
  }

  async armStop(): Promise<WebSocket> {
    const stop = await socket(this.session, 'stop', this.tab);
    this.others.push(stop);
    stop.on('message', (data) => {
      this.stops.push({ ...(JSON.parse(String(data)) as StopProgress), heard_ms: performance.now() });
      this.tell();
    });
    return stop;
  }

  send(command: Command): void {
    this.control.send(JSON.stringify(command));
  }

  /** Sends a command with the newest tick and epoch and waits for its answer. */
  async ask(asked: Asked, within_ms = 10_000): Promise<Reply> {
    const id = ++this.id;
    const pressed = { id, epoch: this.epoch, tick: this.tick };
    const command = (WITHOUT_EPOCH.includes(asked.type) ? { ...asked, id } : { ...asked, ...pressed }) as Command;
    this.send(asked.type === 'preview' ? ({ ...command, tick: this.tick } as Command) : command);
    await this.until(() => this.replies.some(({ to }) => to === id), `an answer to ${asked.type}`, within_ms);
    return this.replies.find(({ to }) => to === id) as Reply;
  }

  jog(linear: readonly [number, number, number], changes: Partial<Extract<Command, { type: 'jog' }>> = {}): void {
    const { epoch, tick } = this;
    this.held_ms = performance.now();
    this.send({
      ...{ type: 'jog', epoch, tick, sequence: ++this.sequence, frame: 'base', linear, angular: [0, 0, 0] },
      ...changes,
    });
  }

  /**
   * Holds a control until something is true. On a busy machine states may come late, so that what is sent is dropped and the
   * hold ended: then it is let go until states come at their rate again, and pressed anew. A stop is reset.
   */
  async holdUntil(
    linear: readonly [number, number, number],
    holds: () => boolean,
    what: string,
    within_ms = 20_000,
  ): Promise<void> {
    const refusals: ServerMessage[] = [];
    for (const end_ms = performance.now() + within_ms; performance.now() < end_ms; await pause(HELD_MS)) {
      if (holds()) return;
      const refused = this.newest.get('refused');
      if (refused !== undefined) refusals.push(refused);
      this.newest.delete('refused');
      const anew = refused?.type === 'refused' && Object.keys(refused.reasons).some((reason) => LET_GO.test(reason));
      if (this.frame?.safety?.latched || anew) {
        this.release();
        await this.fresh();
        this.newest.delete('refused');
        if (this.frame?.safety?.latched) await this.ask({ type: 'reset' });
      }
      this.jog(linear);
    }
    throw new Error(`no ${what} within ${within_ms} ms: ${JSON.stringify({ ...this.frame, refusals })}`);
  }

  /** Waits until for half a second each state was that of a moment ago, 10 s at most. */
  private async fresh(): Promise<void> {
    let since_ms = performance.now();
    for (
      const end = since_ms + 10_000;
      performance.now() < end && performance.now() - since_ms < 500;
      await pause(20)
    ) {
      const { tick } = this;
      const asked_ms = performance.now();
      await this.until(() => this.tick !== tick, 'a state');
      if (performance.now() - asked_ms > 100 || (this.frame?.age_ms ?? 0) > 100) since_ms = performance.now();
    }
  }

  release(cause: Extract<Command, { type: 'release' }>['cause'] = 'released'): void {
    this.send({ type: 'release', epoch: this.epoch, sequence: ++this.sequence, cause });
  }

  alive(): void {
    this.send({ type: 'alive', tick: this.tick, epoch: this.epoch });
  }

  /** Takes nothing any more from its sockets, as a machine that was put to sleep. */
  stopReading(): void {
    for (const one of [this.control, ...this.others]) one.pause();
  }

  /** Forgets what it has gathered. */
  forget(): void {
    for (const list of [this.gaps_ms, this.pictures, this.replies, this.stops]) list.splice(0);
  }

  /** Takes what has come meanwhile, and goes on. */
  wake(): void {
    for (const one of [this.control, ...this.others]) one.resume();
  }

  /** Takes what comes for a moment, then nothing. */
  readFor(ms: number): void {
    this.wake();
    setTimeout(() => this.stopReading(), ms);
  }

  /** From the press of a control until the arm moves, ms; it is let go then and comes to rest. */
  async inputToMotion(arm: ArmOverBus, direction: number): Promise<number> {
    await arm.until(({ speed_rad_s }) => speed_rad_s < 0.002, 'rest');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const began_ms = performance.now();
    const press = () => this.jog([0, 0.6 * direction, 0]);
    const held = setInterval(press, 1000 / 30);
    press();
    await arm.until(({ speed_rad_s }) => speed_rad_s > 0.002, 'motion');
    const moved_ms = arm.moments.find(({ at_ms, speed_rad_s }) => at_ms > began_ms && speed_rad_s > 0.002)?.at_ms;
    await new Promise((resolve) => setTimeout(resolve, 200));
    clearInterval(held);
    this.release();
    return (moved_ms ?? Number.NaN) - began_ms;
  }

  /** Waits until nobody is in control, takes it and waits until it is granted. */
  async takeControl(): Promise<void> {
    await this.until(() => this.frame?.lease.holder === null, 'a robot that nobody is in control of');
    const { ok, reason } = await this.ask({ type: 'lease', want: 'take' });
    if (!ok) throw new Error(`control refused: ${reason}`);
    await this.until(() => this.frame?.lease.yours === true, 'control');
  }

  async until(holds: () => boolean, what: string, within_ms = 10_000): Promise<void> {
    const end_ms = performance.now() + within_ms;
    while (!holds()) {
      if (this.closed !== '' && what !== 'the end') throw new Error(`closed while waiting for ${what}: ${this.closed}`);
      const left_ms = end_ms - performance.now();
      if (left_ms <= 0) throw new Error(`no ${what} within ${within_ms} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left_ms, 20));
        this.waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  close(): void {
    for (const one of [this.control, ...this.others]) one.terminate();
  }

  private hear(message: ServerMessage): void {
    this.newest.set(message.type, message);
    if (message.type === 'welcome') this.welcome = message;
    else if (message.type === 'reply') this.replies.push(message);
    else if (message.type === 'state') {
      const now_ms = performance.now();
      if (this.frames++ > 0) this.gaps_ms.push(now_ms - this.last_ms);
      this.last_ms = now_ms;
      this.frame = message;
    }
    this.tell();
  }

  private tell(): void {
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }
}

const WITHOUT_EPOCH: readonly string[] = [
  'lease',
  'preview',
  'reset',
  'acknowledge',
  'answer',
  'correct',
  'mark',
  'incident',
];

/** An authenticated socket. */
export async function socket({ base, token, ca }: OpenedSession, name: string, tab: string): Promise<WebSocket> {
  const opened = new WebSocket(`${base.replace(/^http/, 'ws')}/ws/${name}`, {
    origin: new URL(base).origin,
    ...(ca === undefined ? {} : { ca }),
  });
  await new Promise<void>((resolve, reject) => {
    opened.once('open', resolve);
    opened.once('error', reject);
  });
  opened.send(JSON.stringify({ type: 'auth', token, tab }));
  return opened;
}
