import type { Log } from '../../contracts/index.ts';

/** Errors from one place are logged this often; the others are counted (ns). */
const QUIET_NS = 1_000_000_000n;

/** Counts and logs what goes wrong in a node; nothing of it ends the process. */
export class NodeErrors {
  private readonly log: Log;
  private readonly now_ns: () => bigint;
  private readonly places = new Map<string, { logged_ns: bigint; unsaid: number }>();
  private total = 0;
  private newest = '';

  /** @param now_ns  wall time, for how often a place is logged */
  constructor(log: Log, now_ns: () => bigint = () => process.hrtime.bigint()) {
    this.log = log;
    this.now_ns = now_ns;
  }

  /** For a bus and everything else that calls a node: what was thrown, and in what. */
  readonly report = (error: unknown, where: string): void => {
    this.total++;
    this.newest = `${where}: ${messageOf(error)}`;
    const now_ns = this.now_ns();
    const place = this.places.get(where);
    if (place !== undefined && now_ns - place.logged_ns < QUIET_NS) {
      place.unsaid++;
      return;
    }
    const more = place === undefined || place.unsaid === 0 ? {} : { unsaid: place.unsaid };
    this.places.set(where, { logged_ns: now_ns, unsaid: 0 });
    this.log.error({ err: error instanceof Error ? error : new Error(String(error)), where, ...more }, this.newest);
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
