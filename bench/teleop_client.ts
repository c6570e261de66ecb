import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';

/** What of a state the benchmark looks at. */
const frameSchema = z.object({
  type: z.literal('state'),
  tick: z.number(),
  v: z.array(z.number()),
  safety: z.object({ mode: z.string(), latched: z.boolean() }).nullable(),
  lease: z.object({ epoch: z.number(), yours: z.boolean(), holder: z.unknown() }),
});
type Frame = Readonly<z.infer<typeof frameSchema>>;
const stopSchema = z.object({ type: z.literal('stop'), id: z.number(), phase: z.string() });

export interface BenchSession {
  readonly base: string;
  readonly token: string;
}

/** Exchanges the code of a printed address for a session. */
export async function openSession(url: string): Promise<BenchSession> {
  const { origin: base, hash } = new URL(url);
  const headers = { origin: base, 'content-type': 'application/json' };
  const body = JSON.stringify({ code: hash.slice('#t='.length) });
  const answer = await fetch(`${base}/api/session`, { method: 'POST', headers, body });
  return { base, token: z.object({ token: z.string() }).parse(await answer.json()).token };
}

/** Round trips of a message over a socket of this process, ms. */
export async function echoTimes(count: number): Promise<readonly number[]> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  server.on('connection', (peer) => peer.on('message', (data) => peer.send(String(data))));
  await new Promise((resolve) => server.once('listening', resolve));
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await new Promise((resolve) => socket.once('open', resolve));
  const times: number[] = [];
  for (let k = 0; k < count; k++) {
    const began_ms = performance.now();
    socket.send('stop');
    await new Promise((resolve) => socket.once('message', resolve));
    times.push(performance.now() - began_ms);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  socket.terminate();
  await new Promise((resolve) => server.close(resolve));
  return times;
}

/** A page without a browser, as far as a benchmark needs one; times are of performance.now, ms. */
export class BenchPage {
  frame: Frame | null = null;
  readonly frames_ms: number[] = [];
  readonly pictures_ms: number[] = [];
  readonly stops: { readonly id: number; readonly phase: string; readonly at_ms: number }[] = [];
  private readonly sockets: WebSocket[] = [];
  private readonly control: WebSocket;
  private readonly stop: WebSocket;
  private sequence = 0;
  private id = 0;

  private constructor(control: WebSocket, stop: WebSocket, pictures: WebSocket) {
    this.control = control;
    this.stop = stop;
    this.sockets.push(control, stop, pictures);
    control.on('message', (data) => {
      const frame = frameSchema.safeParse(JSON.parse(String(data)));
      if (!frame.success) return;
      this.frame = frame.data;
      this.frames_ms.push(performance.now());
    });
    pictures.on('message', () => this.pictures_ms.push(performance.now()));
    stop.on('message', (data) => {
      const { id, phase } = stopSchema.parse(JSON.parse(String(data)));
      this.stops.push({ id, phase, at_ms: performance.now() });
    });
  }

  static async open({ base, token }: BenchSession): Promise<BenchPage> {
    const tab = `bench-${Math.floor(1e9 * performance.now())}`;
    const [control, stop, pictures] = await Promise.all(
      ['control', 'stop', 'pictures'].map((name) => authenticated(base, name, token, tab)),
    );
    return new BenchPage(control, stop, pictures);
  }

  get speed_rad_s(): number {
    return Math.max(0, ...(this.frame?.v.slice(0, 7).map(Math.abs) ?? []));
  }

  send(command: object): void {
    this.control.send(JSON.stringify(command));
  }

  alive(): void {
    const { frame } = this;
    if (frame !== null) this.send({ type: 'alive', tick: frame.tick, epoch: frame.lease.epoch });
  }

  jog(direction: number): void {
    const { frame } = this;
    if (frame === null) return;
    const { tick, lease } = frame;
    const held = { epoch: lease.epoch, tick, sequence: ++this.sequence };
    this.send({ type: 'jog', ...held, frame: 'base', linear: [0, 0.6 * direction, 0], angular: [0, 0, 0] });
  }

  release(): void {
    const epoch = this.frame?.lease.epoch ?? 0;
    this.send({ type: 'release', epoch, sequence: ++this.sequence, cause: 'released' });
  }

  /** A command with an answer that is not waited for. */
  ask(command: object): void {
    this.send({ ...command, id: ++this.id });
  }

  /** Presses Stop; its number. */
  press(): number {
    const id = ++this.id;
    const now_ms = performance.timeOrigin + performance.now();
    this.stop.send(JSON.stringify({ type: 'stop', id, pressed_ms: now_ms, handled_ms: now_ms }));
    return id;
  }

  /** @throws Error after ten seconds */
  async until(holds: (page: this) => boolean, what: string): Promise<void> {
    for (const end_ms = performance.now() + 10_000; !holds(this); ) {
      if (performance.now() > end_ms) throw new Error(`no ${what} within 10 s: ${JSON.stringify(this.frame)}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** Takes nothing any more. */
  pause(): void {
    for (const socket of this.sockets) socket.pause();
  }

  close(): void {
    for (const socket of this.sockets) socket.terminate();
  }
}

async function authenticated(base: string, name: string, token: string, tab: string): Promise<WebSocket> {
  const socket = new WebSocket(`${base.replace(/^http/, 'ws')}/ws/${name}`, { origin: base });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.send(JSON.stringify({ type: 'auth', token, tab }));
  return socket;
}
