import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Bus, type Clock, InputError, noteSecret } from '../../contracts/index.ts';
import { preparePrivateFolder } from '../../safety/index.ts';
import { LOOPBACK_NAMES, originsOf, systemRandom } from '../access/index.ts';
import { replacePrivateFile } from '../access/private_json.ts';
import { base64url, type RandomBytes, sha256 } from '../access/secret_bytes.ts';
import { admit } from './admission.ts';
import { FoxgloveClient } from './foxglove_client.ts';
import { isOwnUser } from './peer_user.ts';
import { advertisement, chosenSubprotocol, serverInfo } from './protocol.ts';
import { TopicFeeds } from './topic_feeds.ts';

export interface FoxgloveOptions {
  readonly bus: Bus;
  /** Of the bus: log times of messages. */
  readonly clock: Pick<Clock, 'now_ns'>;
  /** 0 for any that is free. Default 8765, where Foxglove looks first. */
  readonly port?: number;
  /** Private folder for the file `foxglove.token` (mode 0600), which programs read. */
  readonly folder: string;
  readonly random?: RandomBytes;
  /** Milliseconds that never go back. */
  readonly now_ms: () => number;
  /** Why somebody was not let in, without any secret. */
  readonly onRefused?: (reason: string) => void;
}

const LOOPBACK = '127.0.0.1';
const TOKEN_BYTES = 32;
const MOST_CLIENTS = 8;
const MESSAGE_BYTES = 64 * 1024;
const LOOK_MS = 1000;
const REFUSAL = 'HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

/**
 * The robot's topics for Foxglove: on this machine's loopback address alone, read-only, with a token of its own. Each client
 * has a budget of its own, so that none that is slow delays another.
 */
export class FoxgloveServer {
  private readonly options: FoxgloveOptions;
  private readonly http: Server;
  private readonly sockets: WebSocketServer;
  private readonly clients = new Set<FoxgloveClient>();
  private readonly feeds: TopicFeeds;
  private readonly token_sha256: Uint8Array;
  private readonly session: string;
  private readonly looking: NodeJS.Timeout;

  /** Listens. Throws InputError where the port is taken. */
  static async start(options: FoxgloveOptions): Promise<FoxgloveServer> {
    const server = new FoxgloveServer(options);
    try {
      await server.listen(options.port ?? 8765);
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  private constructor(options: FoxgloveOptions) {
    const { bus, clock, folder, random = systemRandom } = options;
    this.options = options;
    const token = base64url(random(TOKEN_BYTES));
    noteSecret(token);
    preparePrivateFolder(folder);
    replacePrivateFile(join(folder, 'foxglove.token'), `${token}\n`);
    this.token_sha256 = sha256(token);
    this.session = base64url(random(9));
    this.feeds = new TopicFeeds(bus, clock, {
      wants: (channel, priority) => [...this.clients].some((client) => client.wants(channel, priority)),
      offer: (channel, priority, log_ns, data) => {
        for (const client of this.clients) client.offer(channel, priority, log_ns, data);
      },
    });
    this.http = createServer((_request, response) => response.writeHead(426).end());
    this.sockets = new WebSocketServer({
      ...{ noServer: true, maxPayload: MESSAGE_BYTES, perMessageDeflate: false, clientTracking: false },
      handleProtocols: (offered) => chosenSubprotocol(offered) ?? false,
    });
    this.http.on('upgrade', (request, socket, head) => void this.upgrade(request, socket, head));
    this.looking = setInterval(() => {
      for (const client of this.clients) client.look();
    }, LOOK_MS);
  }

  /** What is opened in Foxglove. */
  get url(): string {
    return `ws://localhost:${this.port}`;
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    clearInterval(this.looking);
    this.feeds.end();
    for (const client of this.clients) client.close();
    this.http.closeAllConnections();
    await new Promise<void>((resolve) => this.http.close(() => resolve()));
  }

  private async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.http.once('error', (cause: NodeJS.ErrnoException) =>
        reject(new InputError(`--foxglove on port ${port} (${cause.code})`, 'must be a free port', { cause })),
      );
      this.http.listen(port, LOOPBACK, resolve);
    });
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    const reason = (await this.refusalOf(request)) ?? (this.clients.size >= MOST_CLIENTS ? 'too many clients' : null);
    if (socket.destroyed) return;
    if (reason !== null) {
      this.options.onRefused?.(reason);
      socket.end(REFUSAL);
      return;
    }
    this.sockets.handleUpgrade(request, socket, head, (opened) => this.welcome(opened));
  }

  /** Why a request is not let in; null where it is. */
  private async refusalOf({ headersDistinct, url = '', socket }: IncomingMessage): Promise<string | null> {
    const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = socket;
    const peer = { address: remoteAddress, port: remotePort };
    const subprotocols = (headersDistinct['sec-websocket-protocol'] ?? []).flatMap((text) => text.split(/\s*,\s*/));
    if (chosenSubprotocol(subprotocols) === null) return 'subprotocol';
    const own_user = await isOwnUser(peer, { address: localAddress, port: localPort });
    const { hosts } = originsOf({ scheme: 'http', port: this.port, names: LOOPBACK_NAMES });
    const { host, origin } = headersDistinct;
    const admission = admit({ host, origin, url, subprotocols, own_user }, { hosts, token_sha256: this.token_sha256 });
    return admission.admitted ? null : admission.reason;
  }

  private welcome(socket: WebSocket): void {
    const client: FoxgloveClient = new FoxgloveClient(
      socket,
      {
        hasChannel: (channel) => this.feeds.has(channel),
        subscribed: (channel) => this.feeds.open(channel, (...message) => client.offer(...message)),
        unsubscribed: (channel) => this.feeds.close(channel),
      },
      this.options.now_ms,
    );
    this.clients.add(client);
    socket.on('close', () => this.clients.delete(client));
    client.tell(serverInfo(this.session));
    client.tell(advertisement(this.feeds.sources));
  }
}
