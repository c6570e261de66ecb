import type { LogLine } from './log_line.ts';

/** What whoever launched a graph is told while it runs. */
export interface LaunchEvents {
  /** A node has come to a lifecycle state. */
  onState(node: string, state: string): void;
  /** A process has written a line. */
  onLine(line: LogLine): void;
  /**
   * Everything has come up.
   *
   * @param tell  says something to a node (full name) that listens
   * @param pidOf  the process that a node (full name) is in now
   */
  onReady(tell: (node: string, fields: object) => void, pidOf: (node: string) => number): void;
  /** A node says how something went. */
  onReport(node: string, fields: object): void;
  /** Something went wrong in a node; the graph goes on. */
  onError(where: string, error: unknown): void;
}

export interface NodeSummary {
  readonly name: string;
  /** Last lifecycle state known. */
  readonly state: string;
  readonly restarts: number;
}

export interface LaunchSummary {
  readonly interrupted: boolean;
  /** Exceptions in nodes. */
  readonly errors: number;
  readonly nodes: readonly NodeSummary[];
  /** Why the graph came down by itself; empty if it did not. */
  readonly failure: string;
}
