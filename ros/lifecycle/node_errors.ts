import type { Log } from '../../contracts/index.ts';

/** Counts and logs what goes wrong in a node; nothing of it ends the process. */
export class NodeErrors {
  private readonly log: Log;
  private total = 0;
  private newest = '';

  constructor(log: Log) {
    this.log = log;
  }

  /** For a bus and everything else that calls a node: what was thrown, and in what. */
  readonly report = (error: unknown, where: string): void => {
    this.total++;
    this.newest = `${where}: ${messageOf(error)}`;
    this.log.error({ err: error instanceof Error ? error : new Error(String(error)), where }, this.newest);
  };

  get count(): number {
    return this.total;
  }

  /** The last one, with where it happened; empty if there was none. */
  get last(): string {
    return this.newest;
  }
}

/** In one line, for a reason or a log. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll('\n', ' ');
}
