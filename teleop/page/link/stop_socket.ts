import type { AuthMessage, StopMessage } from '../../protocol/commands.ts';
import type { StopProgress } from '../../protocol/messages.ts';
import { BackOff } from '../core/back_off.ts';

const RETRY = { first_ms: 100, most_ms: 1000 };
/** A socket that lived for so long was a good one; one that is closed sooner may have been refused. */
const GOOD_MS = 3000;
const PHASES: readonly string[] = ['taken', 'stopping', 'standstill', 'failed'] satisfies StopProgress['phase'][];

/** The socket that carries stops and nothing else; open as long as the page lives and somebody is logged in. */
export class StopSocket {
  private readonly tab: string;
  private readonly token: () => string | null;
  private readonly onProgress: (progress: StopProgress) => void;
  private readonly onReady: (ready: boolean) => void;
  private readonly backOff = new BackOff(RETRY, Math.random);
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    tab: string,
    token: () => string | null,
    onProgress: (progress: StopProgress) => void,
    onReady: (ready: boolean) => void,
  ) {
    this.tab = tab;
    this.token = token;
    this.onProgress = onProgress;
    this.onReady = onReady;
  }

  /** Whether it went out on an open socket. */
  send(message: StopMessage): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  connect(): void {
    const token = this.token();
    if (this.socket !== null || token === null) return;
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/stop`);
    this.socket = socket;
    const auth: AuthMessage = { type: 'auth', token, tab: this.tab };
    let opened_ms = Number.POSITIVE_INFINITY;
    socket.onopen = () => {
      socket.send(JSON.stringify(auth));
      opened_ms = performance.now();
      this.onReady(true);
    };
    socket.onmessage = ({ data }) => {
      const progress = readProgress(data);
      if (progress !== null) this.onProgress(progress);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      if (performance.now() - opened_ms > GOOD_MS) this.backOff.succeeded();
      this.onReady(false);
      this.timer = setTimeout(() => this.connect(), this.backOff.next_ms());
    };
  }

  /** The network may be back: does not wait any longer. */
  hurry(): void {
    if (this.socket !== null) return;
    clearTimeout(this.timer);
    this.connect();
  }

  sessionChanged(): void {
    const old = this.socket;
    this.socket = null;
    old?.close();
    clearTimeout(this.timer);
    this.onReady(false);
    this.connect();
  }
}

/** What the server says of a press; null for anything else. */
export function readProgress(data: unknown): StopProgress | null {
  try {
    const message: Partial<StopProgress> | null = JSON.parse(String(data));
    const { type, id, phase, t_ms, detail, travel_m } = message ?? {};
    if (type !== 'stop' || typeof id !== 'number' || phase === undefined || !PHASES.includes(phase)) return null;
    return { type, id, phase, t_ms: t_ms ?? 0, detail: detail ?? '', ...(travel_m === undefined ? {} : { travel_m }) };
  } catch {
    return null;
  }
}
