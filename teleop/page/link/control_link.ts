import type { AuthMessage, Command } from '../../protocol/commands.ts';
import type { Reply, ServerMessage } from '../../protocol/messages.ts';
import { BackOff } from '../core/back_off.ts';
import { readServerMessage } from '../core/server_message.ts';
import type { LinkState } from '../page_state.ts';
import { request, storedToken } from './session.ts';

const RETRY = { first_ms: 250, most_ms: 4000 };
const POLICY_CLOSE = 1008;
/** A picking preview may take this long to plan. */
const REPLY_MS = 20_000;

type WithId = Extract<Command, { id: number }>;
type Without<T> = T extends unknown ? Omit<T, 'id'> : never;
/** A command that is answered, before it has its number. */
export type Question = Without<WithId>;

export interface ControlLinkOptions {
  readonly tab: string;
  readonly onMessage: (message: Exclude<ServerMessage, Reply>) => void;
  readonly onLink: (link: LinkState, reason: string) => void;
}

/** The socket for state and commands. What cannot be sent at once is never sent: nothing waits for a new connection. */
export class ControlLink {
  private readonly options: ControlLinkOptions;
  private readonly backOff = new BackOff(RETRY, Math.random);
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private nextId = 1;

  constructor(options: ControlLinkOptions) {
    this.options = options;
  }

  connect(): void {
    clearTimeout(this.timer);
    const token = storedToken();
    if (this.socket !== null) return;
    if (token === null) {
      this.options.onLink('login', '');
      return;
    }
    this.options.onLink('connecting', '');
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/control`);
    this.socket = socket;
    const auth: AuthMessage = { type: 'auth', token, tab: this.options.tab };
    socket.onopen = () => socket.send(JSON.stringify(auth));
    socket.onmessage = ({ data }) => this.hear(readServerMessage(data));
    socket.onclose = ({ code, reason }) => {
      if (this.socket === socket) this.lost(code, reason);
    };
  }

  /** The network may be back: does not wait any longer. */
  hurry(): void {
    if (this.socket === null && storedToken() !== null) this.connect();
  }

  /** For what needs no answer; whether it went out. */
  send(command: Exclude<Command, WithId>): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(command));
    return true;
  }

  /** Its answer; one of this page's own where there can be none. */
  ask(question: Question): Promise<Reply> {
    const id = this.nextId++;
    const { socket } = this;
    if (socket?.readyState !== WebSocket.OPEN) return Promise.resolve(refusal(id, 'not connected: nothing was sent'));
    socket.send(JSON.stringify({ ...question, id }));
    return new Promise((resolve) => {
      const late = setTimeout(() => settle(refusal(id, 'no answer came')), REPLY_MS);
      const settle = (reply: Reply) => {
        clearTimeout(late);
        this.waiting.delete(id);
        resolve(reply);
      };
      this.waiting.set(id, settle);
    });
  }

  private hear(message: ServerMessage | null): void {
    if (message === null) return;
    if (message.type === 'reply') {
      this.waiting.get(message.to)?.(message);
      return;
    }
    if (message.type === 'welcome') {
      this.backOff.succeeded();
      this.options.onLink('open', '');
    }
    this.options.onMessage(message);
  }

  private lost(code: number, reason: string): void {
    this.socket = null;
    for (const [id, settle] of [...this.waiting]) settle(refusal(id, 'the connection was lost'));
    this.options.onLink('closed', reason === '' ? 'no connection to the server' : reason);
    this.timer = setTimeout(() => this.connect(), this.backOff.next_ms());
    if (code === POLICY_CLOSE) void this.askWhetherSessionLives();
  }

  private async askWhetherSessionLives(): Promise<void> {
    const response = await request('/api/session').catch(() => null);
    if (response?.status !== 401) return;
    clearTimeout(this.timer);
    this.options.onLink('login', 'The session has ended: log in again.');
  }
}

function refusal(to: number, reason: string): Reply {
  return { type: 'reply', to, ok: false, reason };
}
