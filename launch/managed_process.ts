import { setTimeout as sleep } from 'node:timers/promises';
import { type Channel, closeChannel, HEARTBEAT_VALUES, HeartbeatReader, openChannel } from '../runtime/index.ts';
import { type Cell, fullName, type GraphNode, type RestartPolicy } from './graph.ts';
import { kindOf } from './kinds/index.ts';
import { type LogLine, parseLogLine } from './log_line.ts';
import type { ProcessSetup, Word } from './messages.ts';
import { type Answer, NodeProcessLink } from './node_process_link.ts';
import { RestartBudget } from './restart_budget.ts';

/** States that a graph asks for; the others are on the way, or the end. */
const GOALS = ['unconfigured', 'inactive', 'active'] as const;
export type GoalState = (typeof GOALS)[number];

export interface ProcessEvents {
  onLine(line: LogLine): void;
  onState(node: string, state: string): void;
  onReport(node: string, fields: object): void;
  /** A node was told to end the graph. */
  onQuit(): void;
  /** It went wrong and is started again, or a node did not come up. */
  onTrouble(what: string): void;
  /** It has ended and is not started again. */
  onLost(name: string, reason: string): void;
}

export interface ManagedProcessOptions {
  readonly cell: Cell;
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly script: string;
  readonly setup: Omit<ProcessSetup, 'channels'>;
  /** Channels it shares with other processes; its heartbeat is added. */
  readonly channels: Readonly<Record<string, Channel>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Removes what it has left behind when it was killed; done before it is started again. */
  readonly tidy: () => Promise<unknown>;
}

const LOAD_WAIT_MS = 60_000;
const WATCH_MS = 100;
/** Silence after which a process counts as frozen and is ended; its supervisor has long stopped the arm by then (s). */
const FROZEN_S = 1;
/** Between the requests to end, in rising strength. */
const END_WAIT_MS = 4000;
const QUICK_END_WAIT_MS = 1000;

/** One node process of a graph: started, watched by its heartbeat, started again by its policy, and brought to its state. */
export class ManagedProcess {
  readonly options: ManagedProcessOptions;
  readonly name: string;
  readonly heartbeat: Channel = openChannel(HEARTBEAT_VALUES);
  readonly required: boolean;
  private readonly events: ProcessEvents;
  private readonly budget: RestartBudget;
  /** What each node is brought to when the process is new. */
  private readonly wanted = new Map<string, GoalState>();
  private readonly states = new Map<string, string>();
  private link: NodeProcessLink | null = null;
  private watch: NodeJS.Timeout | null = null;
  private ending = false;
  private settled = false;
  private refusal = '';

  constructor(options: ManagedProcessOptions, events: ProcessEvents) {
    this.options = options;
    this.events = events;
    this.name = fullName(options.cell, options);
    this.required = options.nodes.some(({ required }) => required);
    this.budget = new RestartBudget(strictest(options.nodes.map(({ restart }) => restart)));
    for (const { name, state } of options.nodes) this.wanted.set(name, state);
  }

  get restarts(): number {
    return this.budget.restarts;
  }

  get pid(): number {
    return this.link?.pid ?? -1;
  }

  stateOf(node: string): string {
    return this.link?.running === true ? (this.states.get(node) ?? 'unconfigured') : 'ended';
  }

  /** Resolves once its nodes are in the graph; rejects with the reason where it ends before. */
  async start(): Promise<void> {
    const { script, setup, env, channels, nodes } = this.options;
    this.states.clear();
    let loaded = () => {};
    const ready = new Promise<void>((resolve) => {
      loaded = resolve;
    });
    const all = { ...channels, heartbeat: this.heartbeat };
    let end = '';
    const link = new NodeProcessLink(
      { script, setup, env, channels: all, realtime: nodes.some(({ kind }) => kindOf(kind).realtime) },
      {
        onLine: (text, on_error) => this.events.onLine(parseLogLine(text, this.name, Date.now(), on_error)),
        onWord: (word) => (word.kind === 'loaded' ? loaded() : this.hear(word)),
        onEnd: (how) => {
          end = how;
          this.onEnd(link, how);
        },
      },
    );
    this.link = link;
    const timer = setTimeout(() => link.signal('SIGKILL'), LOAD_WAIT_MS);
    await Promise.race([ready, link.ended]);
    clearTimeout(timer);
    if (end !== '') throw new Error(this.refusal || `${this.name} ${end} before it was up`);
    this.watchOver(link);
  }

  /** Brings one node to a state by the transitions on the way. */
  async bring(node: string, goal: GoalState): Promise<Answer> {
    const steps: Answer[] = [];
    const go = async (request: 'configure' | 'activate') => {
      if (this.link === null) return;
      const answer = await this.link.change(node, request);
      if (!answer.ok) steps.push({ ok: false, reason: `${request} of ${this.fullName(node)}: ${answer.reason}` });
    };
    if (goal !== 'unconfigured' && this.states.get(node) !== 'inactive' && this.states.get(node) !== 'active')
      await go('configure');
    if (goal === 'active' && steps.length === 0 && this.states.get(node) !== 'active') await go('activate');
    return steps[0] ?? { ok: true, reason: '' };
  }

  /** From now on the state that a node is in is the one it is brought back to. */
  settle(): void {
    this.settled = true;
  }

  async deactivate(node: string): Promise<void> {
    this.ending = true;
    if (this.states.get(node) === 'active') await this.link?.change(node, 'deactivate');
    if (this.states.get(node) === 'inactive') await this.link?.change(node, 'cleanup');
  }

  tell(node: string, fields: object): void {
    this.link?.tell(node, fields);
  }

  stopArm(): Promise<Answer> {
    return this.link?.stopArm() ?? Promise.resolve({ ok: false, reason: `${this.name} does not run` });
  }

  /** Ends it: asked, then told, then killed. */
  async end(quick: boolean): Promise<void> {
    this.ending = true;
    if (this.watch !== null) clearInterval(this.watch);
    const { link } = this;
    if (link !== null) {
      const wait_ms = quick ? QUICK_END_WAIT_MS : END_WAIT_MS;
      link.end();
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        if (await Promise.race([link.ended.then(() => true), sleep(wait_ms, false)])) break;
        this.events.onTrouble(`${this.name} does not end within ${wait_ms / 1000} s: ${signal}`);
        link.signal(signal);
      }
      await link.ended;
    }
  }

  /** Gives the channel back; nothing must use it any more. */
  close(): void {
    closeChannel(this.heartbeat);
  }

  /** Ends it at once. */
  kill(): void {
    this.ending = true;
    this.link?.signal('SIGKILL');
  }

  private fullName(node: string): string {
    return fullName(this.options.cell, { name: node });
  }

  private hear(word: Word): void {
    switch (word.kind) {
      case 'state': {
        this.states.set(word.node, word.state);
        const goal = GOALS.find((state) => state === word.state);
        if (this.settled && !this.ending && goal !== undefined) this.wanted.set(word.node, goal);
        this.events.onState(this.fullName(word.node), word.state);
        return;
      }
      case 'report':
        this.events.onReport(this.fullName(word.node), word.fields);
        return;
      case 'quit':
        this.events.onQuit();
        return;
      case 'refused':
        this.refusal = word.reason;
        return;
      default:
        return;
    }
  }

  private watchOver(link: NodeProcessLink): void {
    const heart = new HeartbeatReader(this.heartbeat);
    const busy_s = Math.max(...this.options.nodes.map((node) => node.busy_s));
    const hang_s = FROZEN_S + 2 * busy_s;
    if (this.watch !== null) clearInterval(this.watch);
    this.watch = setInterval(() => {
      heart.step(WATCH_MS / 1000);
      if (!heart.started || heart.ended || this.ending) return;
      const silent = heart.silent_s > FROZEN_S;
      if (!silent && heart.busy_s <= hang_s) return;
      const why = silent ? `is silent for ${FROZEN_S} s` : `is busy for ${hang_s} s`;
      this.events.onTrouble(`${this.name} ${why}: killed`);
      if (this.watch !== null) clearInterval(this.watch);
      link.signal('SIGKILL');
    }, WATCH_MS);
  }

  private onEnd(link: NodeProcessLink, how: string): void {
    if (this.watch !== null) clearInterval(this.watch);
    if (this.ending || !this.settled || this.link !== link) return;
    const decision = this.budget.onEnd(performance.now() / 1000, `${this.name} ${how}`);
    if (!decision.again) {
      this.events.onLost(this.name, decision.reason);
      return;
    }
    this.events.onTrouble(`${this.name} ${how}; started again in ${decision.after_s.toFixed(1)} s`);
    const waited = sleep(1000 * decision.after_s);
    void Promise.all([waited, this.options.tidy()]).then(() => this.again());
  }

  /** Starts it again and brings its nodes to the states they had. */
  private async again(): Promise<void> {
    if (this.ending) return;
    try {
      await this.start();
      const goals = [...this.wanted];
      for (const [node, goal] of goals) {
        const { ok, reason } = await this.bring(node, goal);
        if (ok) continue;
        // What it had before must not be forgotten because it could not be reached this time.
        this.wanted.set(node, goal);
        throw new Error(reason);
      }
      this.events.onTrouble(`${this.name} is back`);
    } catch (error) {
      if (this.ending) return;
      const reason = error instanceof Error ? error.message : String(error);
      this.events.onTrouble(reason);
      if (this.link?.running === true) this.link.signal('SIGKILL');
    }
  }
}

function strictest(policies: readonly RestartPolicy[]): RestartPolicy {
  return {
    policy: policies.some(({ policy }) => policy === 'never') ? 'never' : 'on_failure',
    max: Math.min(...policies.map(({ max }) => max)),
    within_s: Math.max(...policies.map(({ within_s }) => within_s)),
    backoff_s: Math.max(...policies.map(({ backoff_s }) => backoff_s)),
  };
}
