import type { Bus } from './bus.ts';
import type { Clock } from './clock.ts';

/** A sink for structured log records; pino's Logger fits. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const SILENT_LOG: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** What a node is given: nothing else of the world reaches it. */
export interface NodeContext {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * A managed (lifecycle) node. `configure` loads and allocates, `activate` starts to answer, `deactivate` stops,
 * `cleanup` releases. The same object runs on the in-process bus and on ROS 2.
 */
export interface Node {
  readonly name: string;
  configure(context: NodeContext): Promise<void>;
  activate(): void;
  deactivate(): void;
  cleanup(): Promise<void>;
  /** What this kind of node has to say of itself in /diagnostics, with units in the names; asked for once a second. */
  diagnostics?(): Readonly<Record<string, string | number>>;
}
