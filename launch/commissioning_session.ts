import {
  type CommissioningSettings,
  commissioningWord,
  Interrupted,
  type Stage,
  type StageOutcome,
} from '../commissioning/index.ts';
import type { LogLevel } from '../stack/index.ts';
import { runEmbedded } from './embedded.ts';
import { type Graph, type GraphNode, nodeSchema } from './graph.ts';
import { type KindName, kindOf } from './kinds/index.ts';
import type { LaunchEvents, LaunchSummary } from './launch_events.ts';
import type { LogLine } from './log_line.ts';
import { runRos } from './ros_graph.ts';

export type CommissionedDriver = 'sim' | 'ros2_control';

export interface CommissioningSetup {
  /** As for loadRobot. */
  readonly robot: string;
  readonly driver: CommissionedDriver;
  readonly serial: string;
  /** File of the envelope, empty for the robot's own; file of the record, which the supervisor reads at every reset. */
  readonly envelope: string;
  readonly record: string;
  /** List of approvers and folder of approvals; empty for none, which a real arm refuses. */
  readonly approvers: string;
  readonly approvals: string;
  readonly settings: CommissioningSettings;
  /** Parameters of the control node besides driver and envelope. */
  readonly control: Readonly<Record<string, unknown>>;
  /** Topic on which the hardware publishes its joint states. */
  readonly joint_states: string;
  readonly log_level: LogLevel;
  readonly out_dir: string;
  readonly domain_id: number | null;
  /** Variables of a process that uses ROS 2; empty for driver sim. */
  readonly ros_env: Readonly<Record<string, string>>;
}

export interface CommissioningEvents {
  onText(text: string): void;
  /** Part of the stage that is done, 0..1. */
  onProgress(part: number): void;
  onLine(line: LogLine): void;
  onError(what: string): void;
}

const NODE = 'commissioning';

/** A graph that is up, and what ends it. */
interface Up {
  readonly output: 'open' | 'closed';
  readonly tell: (fields: object) => void;
  readonly stop: AbortController;
  /** Resolves with why it came down. */
  readonly ended: Promise<string>;
  report: (fields: object) => void;
}

/**
 * The graphs in which commissioning runs its stages, launched as they are needed: for stages that move nothing one in which
 * nobody could command the arm, for the others one with controller, gate and supervisor. A simulated arm has one for both.
 */
export class CommissioningSession {
  private readonly setup: CommissioningSetup;
  private readonly events: CommissioningEvents;
  private readonly interrupt: AbortSignal;
  private readonly hurry: AbortSignal;
  private up: Up | null = null;
  /** The graph that was launched last, up or not. */
  private launched: Pick<Up, 'stop' | 'ended'> | null = null;

  constructor(setup: CommissioningSetup, events: CommissioningEvents, interrupt: AbortSignal, hurry: AbortSignal) {
    this.setup = setup;
    this.events = events;
    this.interrupt = interrupt;
    this.hurry = hurry;
  }

  /** Runs one stage. Rejects with Interrupted once the signal is aborted, and with what went wrong with the graph. */
  async run(stage: Stage): Promise<StageOutcome> {
    const output = stage.moves || this.setup.driver === 'sim' ? 'open' : 'closed';
    if (this.up?.output !== output) {
      await this.close();
      this.up = await this.unlessInterrupted(this.start(output));
    }
    const { up } = this;
    const outcome = new Promise<StageOutcome>((resolve, reject) => {
      up.report = (fields) => {
        const word = commissioningWord.parse(fields);
        if (word.word === 'line') this.events.onText(word.text);
        else if (word.word === 'progress') this.events.onProgress(word.part);
        else if (word.word === 'error') reject(new Error(word.reason));
        else resolve({ verdict: word.verdict, findings: word.findings, measurements: word.measurements });
      };
    });
    const lost = up.ended.then((why) => Promise.reject(new Error(why || 'the graph has ended')));
    up.tell({ run: stage.name });
    return this.unlessInterrupted(Promise.race([outcome, lost]));
  }

  /** Stops the arm and brings down what is up. */
  async close(): Promise<void> {
    const { launched } = this;
    this.up = null;
    this.launched = null;
    launched?.stop.abort();
    await launched?.ended;
  }

  private unlessInterrupted<T>(work: Promise<T>): Promise<T> {
    const { interrupt } = this;
    return new Promise((resolve, reject) => {
      const end = () => reject(new Interrupted());
      if (interrupt.aborted) end();
      interrupt.addEventListener('abort', end, { once: true });
      work.then(resolve, reject).finally(() => interrupt.removeEventListener('abort', end));
    });
  }

  private async start(output: Up['output']): Promise<Up> {
    const { events, setup } = this;
    const stop = new AbortController();
    const end = () => stop.abort();
    this.interrupt.addEventListener('abort', end, { once: true });
    let ready = (_tell: Up['tell']) => {};
    const told = new Promise<Up['tell']>((resolve) => {
      ready = resolve;
    });
    const launched: LaunchEvents = {
      onState: () => {},
      onLine: (line) => events.onLine(line),
      onReady: (tell) => ready((fields) => tell(NODE, fields)),
      onReport: (_node, fields) => this.up?.report(fields),
      onError: (where, error) => events.onError(`${where}: ${error instanceof Error ? error.message : String(error)}`),
    };
    const { log_level, out_dir, domain_id, ros_env, driver } = setup;
    const duration_s = Number.POSITIVE_INFINITY;
    const graph = graphOf(setup, output);
    const running: Promise<LaunchSummary> =
      driver === 'sim'
        ? runEmbedded(graph, { log_level, out_dir, duration_s, pace: Number.POSITIVE_INFINITY }, launched, stop.signal)
        : runRos(graph, { log_level, out_dir, domain_id, ros_env, duration_s }, launched, stop.signal, this.hurry);
    const ended = running
      .then(({ failure }) => failure)
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
      .finally(() => this.interrupt.removeEventListener('abort', end));
    this.launched = { stop, ended };
    const tell = await Promise.race([told, ended]);
    if (typeof tell === 'string') throw new Error(tell || 'the graph did not come up');
    return { output, tell, stop, ended, report: () => {} };
  }
}

function graphOf(setup: CommissioningSetup, output: Up['output']): Graph {
  const { robot, driver, serial, envelope, record, settings, control, joint_states, approvers, approvals } = setup;
  const remap: Record<string, string> = joint_states === '/joint_states' ? {} : { '/joint_states': joint_states };
  const arm = [
    ...(driver === 'sim' ? [nodeOf('sim', {})] : []),
    nodeOf('safety', { commissioning: record, serial, under_commissioning: true, approvers, approvals }),
    nodeOf('control', driver === 'sim' ? { envelope } : { ...control, joint_states, driver, envelope }),
  ];
  const nodes = [...(output === 'open' ? arm : []), nodeOf(NODE, { ...settings, envelope }, remap)];
  return { file: 'surepick commission', cells: [{ namespace: '', robot, nodes, programs: [] }] };
}

/** Nothing is started again by itself: whoever commissions an arm looks first. */
function nodeOf(kind: KindName, parameters: Readonly<Record<string, unknown>>, remap = {}): GraphNode {
  const entry = nodeSchema.parse({ kind, parameters, remap, restart: { policy: 'never' } });
  return { ...entry, name: kind, process: kind, busy_s: kindOf(kind).busy_s };
}
