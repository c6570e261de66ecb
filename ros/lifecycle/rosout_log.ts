import type { Log, Qos } from '../../contracts/index.ts';

/** Levels of rcl_interfaces/Log. */
const LEVELS = { debug: 10, info: 20, warn: 30, error: 40 } as const;
type Level = keyof typeof LEVELS;

export const ROSOUT_QOS: Qos = { reliability: 'reliable', durability: 'transient_local', depth: 1000 };

/** Where records go once the node is in the graph. */
export interface RosoutSink {
  /** Fully qualified name of the node. */
  readonly node: string;
  now_ns(): bigint;
  /** Takes the fields of an rcl_interfaces/Log. */
  publish(fields: object): void;
}

/** A node's log that is heard on /rosout too, from level info on. */
export class RosoutLog implements Log {
  private readonly log: Log;
  private sink: RosoutSink | null = null;

  constructor(log: Log) {
    this.log = log;
  }

  /** From now on records go to the graph as well; null for none. */
  attach(sink: RosoutSink | null): void {
    this.sink = sink;
  }

  debug(fields: object, message: string): void {
    this.log.debug(fields, message);
  }

  info(fields: object, message: string): void {
    this.log.info(fields, message);
    this.publish('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.log.warn(fields, message);
    this.publish('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.log.error(fields, message);
    this.publish('error', fields, message);
  }

  private publish(level: Level, fields: object, message: string): void {
    const { sink } = this;
    if (sink === null) return;
    const now_ns = sink.now_ns();
    const record = {
      stamp: { sec: Number(now_ns / 1_000_000_000n), nanosec: Number(now_ns % 1_000_000_000n) },
      level: LEVELS[level],
      // As rclcpp names loggers.
      name: sink.node.slice(1).replaceAll('/', '.'),
      msg: textOf(fields, message),
    };
    try {
      sink.publish(record);
    } catch {
      // The graph is gone; the record stands in the node's own log.
    }
  }
}

/** The message with its fields behind it; an error's own text is in the message. */
function textOf(fields: object, message: string): string {
  const shown = Object.entries(fields).flatMap(([key, value]) =>
    value instanceof Error ? [] : `${key}=${typeof value === 'string' ? value : json(value)}`,
  );
  return [message, ...shown].join(' ');
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? String(value);
  } catch {
    return String(value);
  }
}
