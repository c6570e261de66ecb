import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  BusHost,
  type Clock,
  InProcessBus,
  type Log,
  type Node,
  type NodeContext,
  SERVICES,
  SimClock,
  secondsToStamp,
} from '../contracts/index.ts';
import { POLICY_EXAMPLES_FOLDER } from '../datasets/index.ts';
import type { InferenceOptions } from '../perception/index.ts';
import { loadRobot } from '../robots/index.ts';
import { BusConditions } from '../runtime/index.ts';
import {
  AuditLog,
  AuditNode,
  DirectLogFile,
  JournalNode,
  type MonitorParameters,
  monitorParameters,
  type OutsideConditions,
  QuestionAudit,
  type RiskWatch,
} from '../safety/index.ts';
import { prepareEngine } from '../sim/index.ts';
import {
  CellPlace,
  createLog,
  drawUnrecordedWorld,
  type LogLevel,
  openOffered,
  PolicyNode,
  SimCell,
} from '../stack/index.ts';
import { CameraNode } from './camera_node.ts';
import { type Cell, fullName, type GraphNode, restartSchema } from './graph.ts';
import {
  control,
  envelopeInForce,
  type KindName,
  kindOf,
  monitorsWithin,
  riskWatchOf,
  robotWithTool,
  safety,
  sim,
  splitTool,
} from './kinds/index.ts';
import { type LogLine, parseLogLine } from './log_line.ts';
import { parametersOf, parametersOfKind } from './parameters.ts';
import { RevivedNode } from './revived_node.ts';
import { ThreadedNode } from './threaded_node.ts';

/** Longest that the arm is given to come to rest before the nodes end (s, simulated). */
const REST_WAIT_S = 3;
const AT_REST_RAD_S = 1e-3;

export interface EmbeddedOptions {
  readonly log_level: LogLevel;
  readonly out_dir: string;
  /** Given every line that the nodes log. */
  readonly onLine: (line: LogLine) => void;
  readonly report: (node: string, fields: object) => void;
  /** Called when a handler of a node throws. */
  readonly onError: (error: unknown, where: string) => void;
  /** How networks are loaded, in drills and tests that break them; by default as usual. */
  readonly inference?: Pick<InferenceOptions, 'loading' | 'worker' | 'threaded'>;
  /**
   * Kinds whose nodes live in threads of their own, so that nothing they do delays the loop: of `sim` it is the cameras. They
   * are then not in lock-step with it, which is for paces that the machine keeps. None by default.
   */
  readonly threads?: readonly KindName[];
  /** Files of learned policies that may be started by /policy/run; none by default. */
  readonly policies?: readonly string[];
  /** What a node (its name in the cell) is given in place of the cell's own bus, clock and log. */
  readonly contextOf?: (node: string, context: NodeContext) => NodeContext;
}

/** One cell in this process: the nodes of the graph on a bus of their own, in lock-step with a simulated cell. */
export class EmbeddedCell {
  readonly cell: Cell;
  readonly bus: InProcessBus;
  readonly clock = new SimClock();
  readonly simulated: SimCell;
  /** Takes further ports on the cell's bus. */
  readonly host: BusHost;
  private readonly nodes: readonly { readonly entry: GraphNode | null; readonly node: Node }[];
  private readonly options: EmbeddedOptions;
  private readonly policies: PolicyNode | null;
  private readonly brought: Node[] = [];
  private readonly active: Node[] = [];
  private readonly listeners: ReadonlyMap<string, (fields: object) => void>;

  private constructor(
    cell: Cell,
    bus: InProcessBus,
    simulated: SimCell,
    nodes: EmbeddedCell['nodes'],
    options: EmbeddedOptions,
    clock: SimClock,
    listeners: EmbeddedCell['listeners'],
    host: BusHost,
    policies: PolicyNode | null,
  ) {
    this.cell = cell;
    this.bus = bus;
    this.simulated = simulated;
    this.nodes = nodes;
    this.options = options;
    this.clock = clock;
    this.listeners = listeners;
    this.host = host;
    this.policies = policies;
  }

  static async create(cell: Cell, options: EmbeddedOptions): Promise<EmbeddedCell> {
    const { out_dir, report, onError } = options;
    const robot = loadRobot(cell.robot);
    const bus = new InProcessBus({ onError });
    const clock = new SimClock();
    const host = new BusHost(bus, clock, { onError });
    const { episode, engine, camera_hz, ...world } = splitTool(parametersOfKind(cell, sim)).rest;
    // World, controller and gate are one here, and so is what they know of the tool.
    const carrying = robotWithTool(robot, splitTool(parametersOfKind(cell, control)).tool);
    await prepareEngine(engine);
    const envelope = envelopeInForce(parametersOfKind(cell, control), carrying);
    // Before any thread is there: what is refused here must end the process.
    const offered = await openOffered(options.policies ?? [], carrying, envelope);
    const { instance, rng, randomization } = drawUnrecordedWorld(world, episode, robot);
    const log = logOf(options, fullName(cell, { name: 'sim' }));
    const { external, external_timeout_s } = parametersOfKind(cell, safety);
    const plant = new BusConditions([], external, external_timeout_s);
    const drawing = options.threads?.includes('sim') === true;
    const cameras = drawing || cell.nodes.some(({ kind }) => kind === 'perception' || kind === 'recorder');
    const context = contextFor(options, 'sim', { bus, clock, log });
    const audit = recordedAudit(cell, out_dir, clock);
    const risk = riskWatchOf(parametersOfKind(cell, control).risk_budget, audit);
    const outside = risk === null ? plant : withRisk(plant, risk);
    let show: SimCell['show'] = () => {};
    const live = { ...world, episode, engine, camera_hz, robot: cell.robot };
    let pictures: CameraNode | null = null;
    const cameras_name = fullName(cell, { name: 'cameras' });
    const revived = drawing
      ? new RevivedNode({
          ...{ name: 'cameras', full_name: cameras_name, policy: restartSchema.parse({}) },
          begin: (onLost) => {
            pictures = new CameraNode({ live, scene: instance.scene, onPicture: (picture) => show(picture), onLost });
            return pictures;
          },
          onLost: (error) => onError(error, cameras_name),
        })
      : null;
    const simulated = new SimCell(carrying, instance.scene, rng, context, cameras, engine, randomization, outside, {
      envelope,
      monitors: monitorsWithin(risk?.account.budget ?? null, monitorsOf(cell)),
      audit,
      servo: parametersOfKind(cell, control).servo,
      camera_hz,
      pictures: revived === null ? null : { expose: (exposure) => pictures?.expose(exposure) },
    });
    show = (picture) => simulated.show(picture);
    const policies =
      offered.length === 0
        ? null
        : new PolicyNode({
            place: new CellPlace({
              ...{ robot: carrying, cell: simulated, scene: instance.scene, policies: offered },
              seeing: { randomization, rng: rng.stream('pictures of policies') },
            }),
            policies: offered,
            examples: {
              folder: join(out_dir, `${POLICY_EXAMPLES_FOLDER}${cell.namespace.replaceAll('/', '_')}`),
              prefix: `${Date.now()}`,
            },
          });
    const nodes: { entry: GraphNode | null; node: Node }[] = simulated.nodes.map((node) => ({ entry: null, node }));
    if (revived !== null) nodes.push({ entry: null, node: revived });
    const listeners = new Map<string, (fields: object) => void>();
    for (const entry of cell.nodes) {
      const kind = kindOf(entry.kind);
      if (kind.in_cell) continue;
      const parameters = parametersOf(entry);
      if (options.threads?.includes(entry.kind) === true) {
        const node = threadOf(entry, cell, host, options);
        listeners.set(fullName(cell, entry), (fields) => node.tell(fields));
        nodes.push({ entry, node });
        continue;
      }
      const node = await kind.build({
        ...{
          name: entry.name,
          namespace: cell.namespace,
          robot,
          robot_name: cell.robot,
          cell,
          out_dir,
          channels: null,
          heard: [],
          ...(options.inference === undefined ? {} : { inference: options.inference }),
        },
        ...{ stopsArm: () => {}, fail: () => {}, quit: () => {} },
        parameters: () => parameters,
        parametersOf: (of) => parametersOfKind(cell, of),
        report: (fields) => report(fullName(cell, entry), fields),
        listens: (listener) => void listeners.set(fullName(cell, entry), listener),
      });
      nodes.push({ entry, node });
    }
    if (policies !== null) nodes.push({ entry: null, node: policies });
    if (risk !== null) nodes.push({ entry: null, node: risk });
    // Active after the recorder, which hears all of them.
    if (audit !== null) {
      for (const node of [new AuditNode(audit), new JournalNode(simulated.gate), new QuestionAudit(audit)])
        nodes.push({ entry: null, node });
    }
    return new EmbeddedCell(cell, bus, simulated, nodes, options, clock, listeners, host, policies);
  }

  /** Brings every node to the state that the graph asks for, in its order. */
  async start(onState: (node: string, state: string) => void): Promise<void> {
    const { bus, clock } = this;
    for (const { entry, node } of this.nodes) {
      if (entry?.state === 'unconfigured') continue;
      const name = fullName(this.cell, entry ?? node);
      const context = { bus, clock, log: logOf(this.options, name) };
      await node.configure(contextFor(this.options, (entry ?? node).name, context));
      this.brought.push(node);
      onState(name, 'inactive');
    }
    for (const { entry, node } of this.nodes) {
      if (entry !== null && entry.state !== 'active') continue;
      node.activate();
      if (node instanceof RevivedNode) await node.changed();
      this.active.push(node);
      onState(fullName(this.cell, entry ?? node), 'active');
    }
  }

  /** One control cycle and physics step, and everything that follows from it. */
  async step(): Promise<void> {
    const { simulated, clock, bus } = this;
    simulated.step();
    clock.advance(secondsToStamp(simulated.time_s));
    simulated.publish();
    // Threads are waited for by nobody.
    if (bus.active && this.lock_step) await bus.settled();
    const thinking = this.policies?.cycled();
    if (thinking !== undefined && this.lock_step) await thinking;
  }

  /** Says something to a node (full name) that listens. */
  tell(node: string, fields: object): void {
    this.listeners.get(node)?.(fields);
  }

  /** Whether time stands still until every node has answered. */
  private get lock_step(): boolean {
    return (this.options.threads ?? []).length === 0;
  }

  get at_rest(): boolean {
    const { robot, state } = this.simulated.loop;
    return state.velocity.subarray(0, robot.arm_joints).every((v) => Math.abs(v) < AT_REST_RAD_S);
  }

  /** Stops the arm first, then ends the nodes in reverse order. */
  async stop(onState: (node: string, state: string) => void): Promise<void> {
    if (this.active.length > 0) await this.bus.call(SERVICES.safety_stop, {});
    const until_s = this.simulated.time_s + REST_WAIT_S;
    do await this.step();
    while (!this.at_rest && this.simulated.time_s < until_s);
    for (const node of [...this.active].reverse()) {
      node.deactivate();
      if (node instanceof RevivedNode) await node.changed();
    }
    for (const node of [...this.brought].reverse()) {
      await node.cleanup();
      const named = this.nodes.find((one) => one.node === node)?.entry ?? node;
      onState(fullName(this.cell, named), 'unconfigured');
    }
    this.host.close();
    await this.bus.settled();
    this.simulated.dispose();
  }
}

/** The plant's own inputs, and a risk budget that may be spent. */
function withRisk(plant: BusConditions, risk: RiskWatch): OutsideConditions {
  return {
    hearInputs: (inputs, now_s) => plant.hearInputs(inputs, now_s),
    enablingDevice: (now_s) => plant.enablingDevice(now_s),
    conditions: (now_s) => [...plant.conditions(now_s), ...risk.conditions()],
  };
}

/** The audit log beside what the cell's recorder writes; null for a cell that records nothing. */
function recordedAudit({ nodes, namespace }: Cell, out_dir: string, clock: Clock): AuditLog | null {
  if (!nodes.some(({ kind }) => kind === 'recorder')) return null;
  mkdirSync(out_dir, { recursive: true });
  const log = `cell${namespace.replaceAll('/', '_')}`;
  const file = new DirectLogFile(join(out_dir, `${log}.audit.jsonl`));
  return new AuditLog({ log, file, now_ns: () => clock.now_ns() });
}

/** What the graph says of monitors; joint states come in lock-step here, so that their lateness is judged by default. */
function monitorsOf({ nodes }: Cell): MonitorParameters {
  const { monitors = {} } = nodes.find(({ kind }) => kind === 'safety')?.parameters ?? {};
  return monitorParameters.parse(monitors);
}

function contextFor({ contextOf }: EmbeddedOptions, node: string, context: NodeContext): NodeContext {
  return contextOf?.(node, context) ?? context;
}

function logOf({ log_level, onLine }: EmbeddedOptions, node: string): Log {
  return createLog(log_level, { node }, (line) => onLine(parseLogLine(line.trimEnd(), node, Date.now(), false)));
}

function threadOf(entry: GraphNode, cell: Cell, host: BusHost, options: EmbeddedOptions): RevivedNode {
  const { log_level, out_dir, onLine, onError } = options;
  const full_name = fullName(cell, entry);
  return new RevivedNode({
    ...{ name: entry.name, full_name, policy: entry.restart },
    begin: (onLost) =>
      new ThreadedNode({
        setup: { cell, node: entry.name, log_level, out_dir },
        ...{ host, onLine, onError, onLost },
        onReport: (fields) => options.report(full_name, fields),
      }),
    onLost: (error) => onError(error, full_name),
  });
}
