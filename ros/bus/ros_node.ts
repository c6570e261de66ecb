import type { Qos } from '../../contracts/index.ts';
import type { Guard } from './guard.ts';
import { rosName } from './names.ts';
import { type Addon, loadAddon, type NativeNode, nativeQos, type Rclnodejs } from './native.ts';

const SPIN_TIMEOUT_MS = 10;

/** Publishes CDR on one topic. */
export interface CdrPublisher {
  publish(cdr: Uint8Array): void;
  /** Subscriptions of the whole domain that match. */
  subscribers(): number;
  /** Whether every reliable subscriber has got what was published. */
  acknowledged(): boolean;
  close(): void;
}

export interface CdrSubscription {
  /** Publishers of the whole domain that match. */
  publishers(): number;
  close(): void;
}

/**
 * A node of the middleware with its messages as CDR, and every call from it guarded. Messages go past the library's own
 * dispatch, which costs several times what they do.
 */
export class RosNode {
  readonly rcl: Rclnodejs;
  readonly native: NativeNode;
  readonly guard: Guard;
  private readonly addon: Addon;
  private readonly takers = new Map<object, (cdr: Buffer) => void>();
  private silent = false;
  private wake: NodeJS.Immediate | null = null;

  constructor(rcl: Rclnodejs, native: NativeNode, guard: Guard) {
    this.rcl = rcl;
    this.native = native;
    this.guard = guard;
    this.addon = loadAddon();
    const others = native.execute.bind(native);
    native.execute = (handles) => this.dispatch(handles, others);
  }

  /** Nothing is heard or sent any more: tearing a node down runs the event loop within itself, with all that waits there. */
  end(): void {
    this.silent = true;
    // One that were still to come, within another, would end the process in native code.
    if (this.wake !== null) clearImmediate(this.wake);
    this.wake = null;
  }

  get ended(): boolean {
    return this.silent;
  }

  /** Begins to hear the graph. */
  spin(): void {
    this.native.spin(SPIN_TIMEOUT_MS);
  }

  /** @param name  as contracts have it, or private: `~/x` */
  advertise(type: string, name: string, qos: Qos): CdrPublisher {
    const { addon, native, rcl } = this;
    const publisher = native.createPublisher(type, rosName(name), { qos: nativeQos(rcl, qos, 'out') });
    const { handle } = publisher;
    return {
      publish: ({ buffer, byteOffset, byteLength }) => {
        if (!this.silent) addon.publishRawMessage(handle, Buffer.from(buffer, byteOffset, byteLength));
      },
      subscribers: () => (this.silent ? 0 : addon.getSubscriptionCount(handle)),
      acknowledged: () => this.silent || publisher.waitForAllAcked(0n),
      close: () => native.destroyPublisher(publisher),
    };
  }

  /** @param take  is handed each message's bytes, to keep */
  listen(type: string, name: string, qos: Qos, take: (cdr: Buffer) => void): CdrSubscription {
    const { native, rcl } = this;
    const guarded = this.guard.wrap(`message on ${name}`, take);
    const options = { qos: nativeQos(rcl, qos, 'in'), isRaw: true } as const;
    const subscription = native.createSubscription(type, rosName(name), options, guarded);
    this.takers.set(subscription.handle, guarded);
    return {
      publishers: () => (this.silent ? 0 : subscription.publisherCount),
      close: () => {
        this.takers.delete(subscription.handle);
        native.destroySubscription(subscription);
      },
    };
  }

  private dispatch(handles: readonly object[], others: (handles: readonly object[]) => void): void {
    if (this.silent) return;
    let left = 0;
    for (const handle of handles) {
      const take = this.takers.get(handle);
      if (take === undefined) left++;
      else this.take(handle, take);
    }
    if (left > 0) {
      const rest = left === handles.length ? handles : handles.filter((handle) => !this.takers.has(handle));
      this.guard.run('the middleware', () => others(rest), undefined);
    }
    // The middleware calls from outside of the event loop's callbacks: without one, promises would wait for the next.
    this.wake ??= setImmediate(() => {
      this.wake = null;
    });
  }

  private take(handle: object, take: (cdr: Buffer) => void): void {
    try {
      const cdr = this.addon.rclTakeRaw(handle);
      if (cdr !== undefined) take(cdr);
    } catch (error) {
      this.guard.report(error, 'the middleware');
    }
  }
}
