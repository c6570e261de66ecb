import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import {
  Buckets,
  checkRequest,
  headOf,
  type Origins,
  permits,
  RATE_LIMITS,
  type Session,
  type Sessions,
  SIZE_LIMITS,
} from '../access/index.ts';
import { authMessage } from '../protocol/index.ts';

export const SOCKETS = ['control', 'pictures', 'stop'] as const;
export type SocketName = (typeof SOCKETS)[number];

/** An authenticated socket of one page. */
export interface PageSocket {
  readonly session: Session;
  /** Of the tab; with the session's id it names the page. */
  readonly tab: string;
  readonly address: string;
  /** Sent and not yet taken by the peer, bytes. */
  readonly buffered: number;
  send(message: string | Uint8Array): void;
  close(reason: string): void;
}

export interface SocketHandler {
  /** `message` hears texts, within size and rate; `closed` once. */
  open(socket: PageSocket): { readonly message: (text: string) => void; readonly closed: () => void };
}

export interface SocketsOptions {
  readonly origins: () => Origins;
  readonly sessions: Sessions;
  readonly now_ms: () => number;
  readonly handlers: Readonly<Record<SocketName, SocketHandler>>;
  /** What was turned away, as it may be logged. */
  readonly onRefusal: (socket: string, reason: string, address: string, session: Session | null) => void;
}

/** How long a socket may stay silent before it has said who it is, ms. */
const AUTH_MS = 2000;
/** A socket whose peer takes nothing is closed with more than this waiting, bytes. */
const STUCK_BYTES = 4 * 1024 * 1024;
const CLOSE = { policy: 1008, tooBig: 1009 } as const;

/**
 * The pages' WebSockets: /ws/control, /ws/pictures and /ws/stop. Host and Origin are checked before the upgrade, the token is
 * the first message. Messages over their size close the socket; those over their rate are dropped, but never a stop.
 */
export class Sockets {
  private readonly options: SocketsOptions;
  private readonly servers: Readonly<Record<SocketName, WebSocketServer>>;
  private readonly connections = new Buckets(RATE_LIMITS.connection);
  private readonly open = new Map<WebSocket, Session>();

  constructor(server: Server, options: SocketsOptions) {
    this.options = options;
    const of = (maxPayload: number) =>
      new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false, clientTracking: false });
    this.servers = {
      control: of(SIZE_LIMITS.control_message),
      pictures: of(SIZE_LIMITS.stop_message),
      stop: of(SIZE_LIMITS.stop_message),
    };
    server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
  }

  /** Closes every socket of a session. */
  end(session_id: string, reason: string): void {
    for (const [socket, { id }] of this.open) if (id === session_id) socket.close(CLOSE.policy, reason);
  }

  close(): void {
    for (const socket of this.open.keys()) socket.terminate();
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { origins, onRefusal, now_ms } = this.options;
    const address = request.socket.remoteAddress ?? '';
    const name = socketName(request.url ?? '');
    const turnAway = (status: string, reason: string) => {
      onRefusal(request.url?.split('?')[0] ?? '', reason, address, null);
      socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    };
    socket.on('error', () => socket.destroy());
    const refusal = checkRequest(headOf(request), origins());
    if (refusal !== null) turnAway(`${refusal.status} Refused`, refusal.reason);
    else if (name === null) turnAway('404 Not Found', 'no such socket');
    // A stop is never waited with.
    else if (name !== 'stop' && !this.connections.take(address, now_ms())) turnAway('429 Too Many Requests', 'rate');
    else this.servers[name].handleUpgrade(request, socket, head, (opened) => this.welcome(name, opened, address));
  }

  private welcome(name: SocketName, socket: WebSocket, address: string): void {
    const { onRefusal } = this.options;
    socket.binaryType = 'nodebuffer';
    socket.on('error', () => socket.terminate());
    const late = setTimeout(() => {
      onRefusal(`/ws/${name}`, 'no token in time', address, null);
      socket.close(CLOSE.policy, 'say who you are first');
    }, AUTH_MS);
    socket.once('close', () => clearTimeout(late));
    socket.once('message', (data, binary) => {
      clearTimeout(late);
      const auth = binary ? null : parsed(data);
      const session = auth === null ? null : this.options.sessions.authenticate(auth.token);
      if (auth === null || session === null || !permits(session.role, name === 'stop' ? 'stop' : 'view')) {
        onRefusal(`/ws/${name}`, session === null ? 'session' : 'permission', address, session);
        socket.close(CLOSE.policy, 'session');
        return;
      }
      this.serve(name, socket, { session, tab: auth.tab, address });
    });
  }

  private serve(name: SocketName, socket: WebSocket, who: Pick<PageSocket, 'session' | 'tab' | 'address'>): void {
    const { handlers, now_ms, onRefusal } = this.options;
    this.open.set(socket, who.session);
    const page: PageSocket = {
      ...who,
      get buffered() {
        return socket.bufferedAmount;
      },
      send: (message) => {
        if (socket.readyState !== socket.OPEN) return;
        if (socket.bufferedAmount > STUCK_BYTES) socket.terminate();
        else socket.send(message);
      },
      close: (reason) => socket.close(CLOSE.policy, reason),
    };
    const rate = new Buckets(RATE_LIMITS.message, 1);
    const { message, closed } = handlers[name].open(page);
    let told = false;
    socket.on('message', (data, binary) => {
      if (binary) {
        onRefusal(`/ws/${name}`, 'binary message', who.address, who.session);
        socket.close(CLOSE.policy, 'text only');
        return;
      }
      if (name !== 'stop' && !rate.take('', now_ms())) {
        if (!told) onRefusal(`/ws/${name}`, 'rate', who.address, who.session);
        told = true;
        return;
      }
      message(textOf(data));
    });
    socket.once('close', () => {
      this.open.delete(socket);
      closed();
    });
  }
}

function socketName(url: string): SocketName | null {
  return SOCKETS.find((name) => url === `/ws/${name}`) ?? null;
}

function textOf(data: RawData): string {
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(data as ArrayBuffer).toString('utf8');
}

function parsed(data: RawData) {
  try {
    return authMessage.safeParse(JSON.parse(textOf(data))).data ?? null;
  } catch {
    return null;
  }
}
