import type { Bus } from '../bus.ts';
import type { Clock } from '../clock.ts';
import { type Catalogue, CONTRACTS } from './catalogue.ts';
import { HostSession } from './host_session.ts';
import type { Port } from './port.ts';

/** A bus that tells when somebody begins or ends to read a topic. */
export interface HostedBus extends Bus {
  onReaders(changed: (topic: string) => void): () => void;
}

export interface BusHostOptions {
  /** How often remote clocks are set (s of the clock). */
  readonly tick_s?: number;
  /** What may be exchanged with other processes. */
  readonly catalogue?: Catalogue;
  /** Told what a port was refused, and what went wrong with it. */
  readonly onError?: (error: unknown, where: string) => void;
}

const TICK_S = 0.005;

/** Serves a bus and its clock to any number of ports, each of which a RemoteBus is at the other end of. */
export class BusHost {
  private readonly bus: HostedBus;
  private readonly clock: Clock;
  private readonly catalogue: Catalogue;
  private readonly report: (error: unknown, where: string) => void;
  private readonly tick_ns: bigint;
  private readonly sessions = new Set<HostSession>();
  private readonly stopWatching: () => void;
  private cancelTick: () => void = () => {};
  private lost = 0;

  constructor(bus: HostedBus, clock: Clock, options: BusHostOptions = {}) {
    const { tick_s = TICK_S, catalogue = CONTRACTS, onError = () => {} } = options;
    this.bus = bus;
    this.clock = clock;
    this.catalogue = catalogue;
    this.report = onError;
    this.tick_ns = BigInt(Math.round(tick_s * 1e9));
    this.stopWatching = bus.onReaders((topic) => {
      for (const session of this.sessions) session.tellReaders(topic);
    });
    this.tick();
  }

  /**
   * Serves another port from now on.
   *
   * @param trusted  a thread of this process, whose messages are not checked and may have names that nobody declared
   * @param onEnd  told once why it ended
   */
  attach(port: Port, trusted: boolean, onEnd: (reason: string) => void = () => {}): void {
    const { bus, catalogue, clock } = this;
    const session = new HostSession({ bus, port, trusted, catalogue, onError: this.report }, clock.now_ns());
    this.sessions.add(session);
    port.onClose((reason) => {
      this.sessions.delete(session);
      this.lost += session.dropped;
      session.end(reason);
      onEnd(reason);
    });
  }

  get ports(): number {
    return this.sessions.size;
  }

  /** Messages that ports did not take in time, since the start. */
  get dropped(): number {
    let dropped = this.lost;
    for (const session of this.sessions) dropped += session.dropped;
    return dropped;
  }

  /** Closes every port. */
  close(reason = 'the bus has ended'): void {
    this.cancelTick();
    this.stopWatching();
    for (const session of [...this.sessions]) session.close(reason);
  }

  private tick(): void {
    const now_ns = this.clock.now_ns();
    for (const session of this.sessions) session.tellTime(now_ns);
    this.cancelTick = this.clock.schedule(now_ns + this.tick_ns, () => this.tick());
  }
}
