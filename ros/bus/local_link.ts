import { randomBytes } from 'node:crypto';
import { type FSWatcher, readdirSync, renameSync, rmSync, watch } from 'node:fs';
import { createServer, type Server, Socket } from 'node:net';
import { join } from 'node:path';
import { LinkConnection, type LinkPeer } from './local_link_connection.ts';
import { FRAME, LINK_VERSION, type LinkHello, type LinkSubscription, type MessageKind } from './local_link_frames.ts';
import { LinkLoopback } from './local_link_loopback.ts';

/** Where the messages of one subscription go. */
export interface LinkReader {
  /** Is handed bytes to keep. */
  deliver(cdr: Buffer): void;
  /** Hears first what the middleware holds. */
  drain(): void;
  /** Calls `seen` once this message has come by the middleware and was handed over. */
  expect(cdr: Buffer, seen: () => void): void;
}

export interface LinkStats {
  /** Other processes that are reached. */
  readonly peers: number;
  /** Messages that went by links alone. */
  readonly sent: number;
  /** Messages that newer ones pushed out before a slow process had read them. */
  readonly dropped: number;
}

const LOOK_MS = 500;
/** A process that sent what cannot be read is left alone for so long. */
const BAN_MS = 60_000;
/** A reader elsewhere knows of us, and we of it, after this time. */
const SETTLING_MS = 100;
const MOST_DEAD = 1000;
const MOST_PROBES = 100;

/**
 * Links of this process to the others of its user and ROS domain on this machine: sockets in one folder, one connection
 * a pair, made by the one whose socket's name comes first. Each tells the other what it subscribes to.
 */
export class LocalLink {
  /** Grows with every change of who is reached or what they subscribe to. */
  version = 0;
  /** Messages that went by links alone. */
  sent = 0;
  private readonly folder: string;
  private readonly domain: number;
  private readonly name = `${process.pid}-${randomBytes(4).toString('hex')}.sock`;
  private readonly own = new Map<number, LinkSubscription>();
  private readonly readers = new Map<number, LinkReader>();
  private readonly connections = new Set<LinkConnection>();
  /** By name of socket. */
  private readonly dialled = new Map<string, LinkConnection>();
  private readonly banned = new Map<string, number>();
  /** Participants of processes that have died: the graph goes on to list them for a while. */
  private readonly dead = new Set<string>();
  private readonly log: (line: string) => void;
  private loopback: LinkLoopback | null = null;
  private reached: readonly LinkPeer[] = [];
  private server: Server | null = null;
  private watcher: FSWatcher | null = null;
  private looks: NodeJS.Timeout | null = null;
  private started_ms = Number.POSITIVE_INFINITY;
  private readonly probes = new Map<number, () => void>();
  private tokens = 0;
  private ids = 0;
  private lost = 0;

  /** @param log  is told when the link has to stay off, or a peer is given up */
  constructor(folder: string, domain: number, log: (line: string) => void) {
    this.folder = folder;
    this.domain = domain;
    this.log = log;
  }

  /** @param participant  what the ids of this process's endpoints in the graph begin with, 24 hexadecimal digits */
  start(participant: string): void {
    this.loopback = new LinkLoopback(participant, this.own, (ids, cdr, kind) =>
      this.deliver(ids, cdr, kind, (token) => this.seen(token)),
    );
    const path = join(this.folder, this.name);
    const hidden = join(this.folder, `.${this.name}`);
    const server = createServer((socket) => this.adopt(socket, null)).unref();
    this.server = server;
    server.on('error', (error) => {
      this.log(`local links are off: ${error.message}`);
      this.close();
    });
    server.listen(hidden, () => {
      // Whoever sees the name can connect to it; one that refuses is left over from a process that died.
      renameSync(hidden, path);
      this.sweep();
      this.look();
    });
    this.looks = setInterval(() => this.look(), LOOK_MS).unref();
    try {
      this.watcher = watch(this.folder, { persistent: false }, () => this.look()).on('error', () => {});
    } catch {
      // Looking now and then finds them too.
    }
    this.started_ms = performance.now();
    this.changed();
  }

  get ready(): boolean {
    return this.loopback !== null;
  }

  /** Whether this process has been in the graph for long enough to know who else is. */
  get settled(): boolean {
    return performance.now() - this.started_ms > SETTLING_MS;
  }

  /** Who is reached, this process included. */
  get peers(): readonly LinkPeer[] {
    return this.reached;
  }

  isDead(participant: string): boolean {
    return this.dead.has(participant);
  }

  get flushed(): boolean {
    return [...this.connections].every(({ flushed }) => flushed);
  }

  get stats(): LinkStats {
    const dropped = [...this.connections].reduce((sum, connection) => sum + connection.dropped, this.lost);
    return { peers: Math.max(0, this.reached.length - 1), sent: this.sent, dropped };
  }

  /** A token for a probe; `seen` is called for each reader that has got it. The newest hundred are waited for. */
  probe(seen: () => void): number {
    this.tokens = (this.tokens + 1) % 2 ** 32;
    this.probes.set(this.tokens, seen);
    const [oldest] = this.probes.keys();
    if (this.probes.size > MOST_PROBES) this.probes.delete(oldest);
    return this.tokens;
  }

  private seen(token: number): void {
    this.probes.get(token)?.();
  }

  /** Tells all of a subscription. Returns what ends it. */
  subscribe(subscription: Omit<LinkSubscription, 'id'>, reader: LinkReader): () => void {
    const id = this.ids++;
    const entry = { id, ...subscription };
    this.own.set(id, entry);
    this.readers.set(id, reader);
    for (const connection of this.connections) connection.announce(entry);
    this.changed();
    return () => {
      if (!this.own.delete(id)) return;
      this.readers.delete(id);
      for (const connection of this.connections) connection.retract(id);
      this.changed();
    };
  }

  /** Ends all; more calls do nothing. Safe while the process exits. */
  close(): void {
    if (this.looks !== null) clearInterval(this.looks);
    this.watcher?.close();
    this.loopback?.close();
    this.loopback = null;
    for (const connection of this.connections) connection.close('this process ends');
    this.connections.clear();
    if (this.server !== null) {
      for (const name of [this.name, `.${this.name}`]) rmSync(join(this.folder, name), { force: true });
      this.server.close();
      this.server = null;
    }
    this.changed();
  }

  private get hello(): LinkHello {
    const participant = this.loopback?.participant ?? '';
    const subscriptions = [...this.own.values()];
    return { version: LINK_VERSION, domain: this.domain, participant, socket: this.name, subscriptions };
  }

  /** Removes what processes that died have left; whoever has a name after this one's is met by `look`. */
  private sweep(): void {
    for (const name of readdirSync(this.folder)) {
      const pid = Number(name.replace(/^\./, '').split('-')[0]);
      if (pid !== process.pid && !isAlive(pid)) rmSync(join(this.folder, name), { force: true });
    }
  }

  /** Connects to whoever is new and has a name after this process's. */
  private look(): void {
    if (this.server === null) return;
    let names: readonly string[];
    try {
      names = readdirSync(this.folder);
    } catch {
      return;
    }
    const now_ms = performance.now();
    for (const name of names) {
      if (name <= this.name || !name.endsWith('.sock') || name.startsWith('.') || this.dialled.has(name)) continue;
      if ((this.banned.get(name) ?? 0) > now_ms) continue;
      this.dial(name);
    }
  }

  private dial(name: string): void {
    const path = join(this.folder, name);
    const socket = new Socket().connect(path);
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') rmSync(path, { force: true });
    });
    this.dialled.set(name, this.adopt(socket, name));
  }

  private adopt(socket: Socket, dialled: string | null): LinkConnection {
    const connection: LinkConnection = new LinkConnection(socket, this.hello, {
      onHello: ({ domain, participant }) => {
        if (domain !== this.domain) throw new Error(`it is of domain ${domain}`);
        for (const other of this.connections) if (other.participant === participant) other.close('it connects again');
        this.dead.delete(participant);
      },
      onChange: () => this.changed(),
      onMessage: (ids, cdr, kind, seen) => this.deliver(ids, cdr, kind, seen),
      onSeen: (token) => this.seen(token),
      onClose: (fault) => this.left(connection, dialled, fault),
    });
    this.connections.add(connection);
    return connection;
  }

  private left(connection: LinkConnection, dialled: string | null, fault: string | null): void {
    if (dialled !== null && this.dialled.get(dialled) === connection) this.dialled.delete(dialled);
    if (!this.connections.delete(connection)) return;
    this.lost += connection.dropped;
    const { peerHello } = connection;
    if (fault !== null) {
      const name = peerHello?.socket ?? dialled;
      this.log(`link to ${name ?? 'a stranger'} closed: ${fault}; the middleware takes over`);
      if (name !== null) this.banned.set(name, performance.now() + BAN_MS);
    } else if (peerHello !== null) {
      this.bury(peerHello);
    }
    this.changed();
  }

  /** Whoever closed its link has died, unless its socket still answers. */
  private bury({ participant, socket }: LinkHello): void {
    this.dead.add(participant);
    const [oldest] = this.dead;
    if (this.dead.size > MOST_DEAD) this.dead.delete(oldest);
    const visit = new Socket().unref();
    visit.on('error', () => {});
    visit.once('connect', () => {
      visit.destroy();
      this.dead.delete(participant);
      this.changed();
    });
    visit.connect(join(this.folder, socket));
  }

  private deliver(ids: readonly number[], cdr: Buffer, kind: MessageKind, seen: (token: number) => void): void {
    const [token, ...probed] = ids;
    const to = kind === FRAME.probe ? probed : ids;
    for (const id of to) if (id >= this.ids) throw new Error(`a message for subscription ${id}, which never was`);
    let first = true;
    for (const id of to) {
      const reader = this.readers.get(id);
      if (reader === undefined) continue;
      if (kind === FRAME.probe) {
        reader.expect(cdr, () => seen(token));
        continue;
      }
      if (kind === FRAME.drained) reader.drain();
      reader.deliver(first ? cdr : Buffer.from(cdr));
      first = false;
    }
  }

  private changed(): void {
    this.version++;
    const known = [...this.connections].filter(({ participant }) => participant !== '');
    this.reached = this.loopback === null ? [] : [this.loopback, ...known];
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
