import type { EnablingDevice, ExternalInputs, Heartbeat } from '../contracts/index.ts';
import type { StopCondition } from './supervisor_core.ts';

/** A node that is heard over the bus, because no common parent watches its process. */
export interface WatchedNode {
  readonly node: string;
  readonly required: boolean;
}

interface Heard {
  at_s: number;
  timeout_s: number;
}

/**
 * What speaks against motion among what is heard over the bus: heartbeats of other nodes, and the plant's own inputs, whose
 * silence counts as a stop. Times are the caller's.
 */
export class BusConditions {
  private readonly watched: readonly WatchedNode[];
  private readonly sources: readonly string[];
  private readonly source_timeout_s: number;
  private readonly nodes = new Map<string, Heard>();
  private readonly inputs = new Map<string, { readonly at_s: number; readonly inputs: ExternalInputs }>();

  /** @param sources  those that must be heard; others are obeyed while they are heard */
  constructor(watched: readonly WatchedNode[], sources: readonly string[], source_timeout_s: number) {
    this.watched = watched;
    this.sources = sources;
    this.source_timeout_s = source_timeout_s;
  }

  hearHeartbeat({ node, timeout_s }: Heartbeat, now_s: number): void {
    const known = this.watched.find((watched) => sameNode(watched.node, node));
    if (known !== undefined) this.nodes.set(known.node, { at_s: now_s, timeout_s });
  }

  /** Whether a node's heartbeats are waited for. */
  watches(node: string): boolean {
    return this.watched.some((watched) => sameNode(watched.node, node));
  }

  hearInputs(inputs: ExternalInputs, now_s: number): void {
    this.inputs.set(inputs.source, { at_s: now_s, inputs });
  }

  /** Required nodes and inputs that speak against motion. */
  conditions(now_s: number): StopCondition[] {
    const found = this.silentNodes(now_s, true);
    for (const source of this.sources) {
      const heard = this.inputs.get(source);
      if (heard === undefined) found.push({ reason: `${source} has not started`, category: 1, awaited: true });
      else if (now_s - heard.at_s > this.source_timeout_s)
        found.push({ reason: `${source} is silent`, category: 1, awaited: false });
    }
    for (const [source, { at_s, inputs }] of this.inputs) {
      if (now_s - at_s > this.source_timeout_s) continue;
      const say = (reason: string, category: StopCondition['category']) =>
        found.push({ reason: `${source}: ${reason}`, category, awaited: false });
      if (inputs.emergency_stop) say('the emergency stop is pressed', 0);
      if (inputs.protective_stop) say('a protective stop is asked for', 1);
      if (inputs.safeguard_open) say('a safeguard is open', 1);
    }
    return found;
  }

  /** Held only if every source that has an enabling device says so, and is not silent; none where no source has one. */
  enablingDevice(now_s: number): EnablingDevice {
    let device: EnablingDevice = 'none';
    for (const { at_s, inputs } of this.inputs.values()) {
      if (inputs.enabling_device === 'none') continue;
      const held = inputs.enabling_device === 'held' && now_s - at_s <= this.source_timeout_s;
      if (!held) return 'released';
      device = 'held';
    }
    return device;
  }

  /** Silent nodes that nothing waits for. */
  warnings(now_s: number): string[] {
    return this.silentNodes(now_s, false).map(({ reason }) => reason);
  }

  private silentNodes(now_s: number, required: boolean): StopCondition[] {
    return this.watched.flatMap((watched): StopCondition[] => {
      if (watched.required !== required) return [];
      const heard = this.nodes.get(watched.node);
      if (heard === undefined) return [{ reason: `${watched.node} has not started`, category: 1, awaited: true }];
      if (now_s - heard.at_s <= heard.timeout_s) return [];
      return [{ reason: `${watched.node} does not answer`, category: 1, awaited: false }];
    });
  }
}

/** A node's name with or without the slash of its namespace. */
function sameNode(a: string, b: string): boolean {
  const bare = (name: string) => name.replace(/^\//, '');
  return bare(a) === bare(b);
}
