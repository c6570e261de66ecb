import { setTimeout as sleep } from 'node:timers/promises';
import { createRng } from '../contracts/index.ts';
import { type Cell, fullName, type GraphNode, type LaunchEvents, type LogLine, runRos } from '../launch/index.ts';
import type { Blow, Drill, DrillMeasures } from './drill.ts';
import { nodeOfKind } from './graph_change.ts';

export interface RosDrillOptions {
  readonly out_dir: string;
  readonly domain_id: number | null;
  readonly ros_env: Readonly<Record<string, string>>;
  readonly onLine: (line: LogLine) => void;
  /** Ends it before its time, the arm first. */
  readonly stop: AbortSignal;
}

/** The blow comes so long after the arm has set off, drawn from the seed, s. */
const MOMENT_S = [0.2, 0.4] as const;
const MISSION = 'drill_mission';
/** A machine that is too busy stops the arm as well: goals that may be spoilt before one is reached. */
const GOALS = 40;
const MOST_S = 240;

/**
 * One drill on a launched graph, on the wall clock: an operator's mission moves the arm, the process is struck, and the
 * supervisor's own log says when the stop was commanded. The launcher starts the process again, the mission resets and goes on.
 */
export async function runRosDrill(
  { name, says, ros }: Drill,
  cell: Cell,
  seed: number,
  options: RosDrillOptions,
): Promise<DrillMeasures> {
  if (ros === undefined) throw new Error(`drill ${name} runs in one process only`);
  const [least_s, most_s] = MOMENT_S;
  const after_s = createRng(seed).stream(`moment of ${name}`).range(least_s, most_s);
  const struck = fullName(cell, { name: nodeOfKind(cell, ros.kind) });
  const watch = new Watch(says, struck, ros.signal, after_s);
  const graph = { file: name, cells: [{ ...cell, nodes: [...cell.nodes, missionOf(cell)] }] };
  const over = AbortSignal.any([watch.done.signal, options.stop, AbortSignal.timeout(1000 * MOST_S)]);
  const { out_dir, domain_id, ros_env } = options;
  const setup = { log_level: 'info', out_dir, domain_id, ros_env, duration_s: MOST_S } as const;
  const summary = await runRos(graph, setup, watch.events(options.onLine), over, new AbortController().signal);
  if (watch.struck_ms === 0) throw new Error(`the arm never moved${summary.failure && `: ${summary.failure}`}`);
  return watch.measures();
}

function missionOf(cell: Cell): GraphNode {
  const planning = cell.nodes.find(({ kind }) => kind === 'planning');
  if (planning === undefined) throw new Error('a drilled cell has a planner');
  const parameters = { goal: 'world', repeat: GOALS, reset: true, wait_s: 60 };
  return {
    ...planning,
    ...{ name: MISSION, process: MISSION, kind: 'mission', parameters, required: false, busy_s: 2 },
  };
}

/** Strikes at the moment, and notes by the wall clock what the graph says after that. */
class Watch {
  readonly done = new AbortController();
  struck_ms = 0;
  private readonly says: RegExp;
  private readonly node: string;
  private readonly signal: Blow['signal'];
  private readonly after_s: number;
  private pidOf: (node: string) => number = () => -1;
  private striking = false;
  private detected_ms: number | null = null;
  private back_ms: number | null = null;
  private reset_ms: number | null = null;
  private reached_ms: number | null = null;
  private reasons: readonly string[] = [];

  constructor(says: RegExp, node: string, signal: Blow['signal'], after_s: number) {
    this.says = says;
    this.node = node;
    this.signal = signal;
    this.after_s = after_s;
  }

  events(onLine: (line: LogLine) => void): LaunchEvents {
    return {
      onState: () => {},
      onLine: (line) => {
        this.hear(line);
        onLine(line);
      },
      onReady: (_tell, pidOf) => {
        this.pidOf = pidOf;
      },
      onReport: (_node, fields) => {
        if (this.struck_ms === 0 || !('ok' in fields) || fields.ok !== true) return;
        this.reached_ms = Date.now();
        this.done.abort();
      },
      onError: (_where, error) => {
        if (this.struck_ms > 0 && String(error).endsWith('is back')) this.back_ms ??= Date.now();
      },
    };
  }

  measures(): DrillMeasures {
    const since = (at_ms: number | null) => (at_ms === null ? null : (at_ms - this.struck_ms) / 1000);
    const stopped = this.detected_ms !== null;
    return {
      ...{ injected_s: 0, stage: 'approach', detected_s: since(this.detected_ms), degraded_s: since(this.detected_ms) },
      ...{ degradation: stopped ? 'stop' : 'none', moving: false, effect_s: null, standstill_s: null },
      ...{ promised_stop_s: null, ended_s: since(this.back_ms) ?? 0, refusal: null, recovered_s: since(this.reset_ms) },
      ...{ goal_reached_s: since(this.reached_ms), reasons: this.reasons, wrong: [] },
    };
  }

  private hear({ message, fields, time_ms }: LogLine): void {
    if (message === 'stage' && fields.stage === 'approach' && !this.striking) {
      this.striking = true;
      void this.strike();
    }
    if (this.struck_ms === 0) return;
    const { reasons } = fields;
    if (message === 'stopped' && Array.isArray(reasons)) {
      const told = reasons.map(String);
      if (told.some((reason) => this.says.test(reason))) this.detected_ms ??= time_ms;
      this.reasons = [...new Set([...this.reasons, ...told])];
    }
    if (message === 'reset' && fields.refusal === '') this.reset_ms = time_ms;
  }

  private async strike(): Promise<void> {
    await sleep(1000 * this.after_s);
    process.kill(this.pidOf(this.node), this.signal);
    this.struck_ms = Date.now();
  }
}
