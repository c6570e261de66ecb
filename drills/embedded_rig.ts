import {
  ACTIONS,
  type Bus,
  type NodeContext,
  type PickPlaceResult,
  SERVICES,
  stampToSeconds,
  type TableRegion,
  type TaskGoal,
  TOPICS,
} from '../contracts/index.ts';
import type { CommandSource } from '../control/index.ts';
import { type Cell, EmbeddedCell, type LogLine, parametersOfKind, sim } from '../launch/index.ts';
import { loadRobot, type Robot } from '../robots/index.ts';
import { isOperating } from '../safety/index.ts';
import type { SceneModel, TaskInstance } from '../sim/index.ts';
import { drawUnrecordedWorld } from '../stack/index.ts';
import type { Drill, Injection } from './drill.ts';
import { nodeOfKind } from './graph_change.ts';
import { NetworkTap } from './network_tap.ts';
import { ShiftedClock } from './shifted_clock.ts';
import { Timeline } from './timeline.ts';
import { Wires } from './wires.ts';

/** A thing stands elsewhere from this distance on, m. */
const MOVED_M = 0.02;

export interface EmbeddedRigOptions {
  readonly out_dir: string;
  readonly onLine: (line: LogLine) => void;
  /** The program of the thread that networks run in, where it is not beside the sources. */
  readonly worker?: string;
  /** Whether networks run in threads. Default true. */
  readonly threaded?: boolean;
}

/** A cell in this process with a fault ready in it, an operator who sends goals and resets, and a record of what it does. */
export class EmbeddedRig {
  readonly timeline = new Timeline();
  readonly injection: Injection;
  /** What handlers of nodes threw. */
  readonly errors: readonly string[];
  private readonly embedded: EmbeddedCell;
  private readonly goal: TaskGoal;
  private readonly scene: SceneModel;
  private result: PickPlaceResult | null = null;

  private constructor(
    embedded: EmbeddedCell,
    { goal, scene }: Pick<TaskInstance, 'goal' | 'scene'>,
    injection: Injection,
    errors: readonly string[],
  ) {
    this.embedded = embedded;
    this.goal = goal;
    this.scene = scene;
    this.injection = injection;
    this.errors = errors;
  }

  static async create(drill: Drill, cell: Cell, options: EmbeddedRigOptions): Promise<EmbeddedRig> {
    const { out_dir, onLine, worker, threaded = true } = options;
    const network = new NetworkTap();
    const robot = loadRobot(cell.robot);
    const places = new Places();
    const errors: string[] = [];
    const embedded = await EmbeddedCell.create(cell, {
      ...{ log_level: 'warn', out_dir, onLine, report: () => {} },
      onError: (error, where) => errors.push(`${where}: ${error instanceof Error ? error.message : String(error)}`),
      contextOf: (node, context) => places.contextOf(node, context),
      inference: { loading: network.loading, threaded, ...(worker === undefined ? {} : { worker }) },
    });
    const { bus, clock } = embedded;
    const injection = drill.embedded?.({
      ...{ cell, robot, bus, clock, wires: places.wiresOn(clock), network },
      displaceCamera: (name, shift) => embedded.simulated.displaceCamera(name, shift),
      clockOf: (node) => places.clockOf(node, clock),
      nodes: cell.nodes.map(nameOf),
      nodeOf: (kind) => nameOf({ kind, name: nodeOfKind(cell, kind) }),
    });
    if (injection === undefined) throw new Error(`drill ${drill.name} needs processes`);
    const rig = new EmbeddedRig(embedded, instanceOf(cell, robot), injection, errors);
    bus.subscribe(TOPICS.safety_state, 'drill', (state) => {
      rig.timeline.states.push({ at_s: stampToSeconds(clock.now_ns()), state });
    });
    await embedded.start(() => {});
    return rig;
  }

  get now_s(): number {
    return this.embedded.simulated.time_s;
  }

  get bus(): Bus {
    return this.embedded.bus;
  }

  /** Greatest commanded joint speed, rad/s (m/s). */
  get speed(): number {
    return this.timeline.speed.at(-1) ?? 0;
  }

  /** How the last goal ended; null while it is under way. */
  get ended(): PickPlaceResult | null {
    return this.result;
  }

  /**
   * By the simulator's truth, objects that the goal does not name and that stand elsewhere than at the beginning; of a task
   * that sorts, those in a region of another class.
   */
  get wrong(): string[] {
    const { goal, scene } = this;
    const state = new Float64Array(13);
    const { engine } = this.embedded.simulated;
    if (goal.task === 'sort') {
      return scene.objects.flatMap(({ name, class: kind }, i) => {
        engine.objectState(i, state, 0);
        return goal.regions.some(({ class: of, region }) => of !== kind && isIn(region, state)) ? [name] : [];
      });
    }
    if (goal.task !== 'pick-place') return [];
    return scene.objects.flatMap(({ name, class: kind, colour, pose: { position } }, i) => {
      if (kind === goal.object.class && colour === goal.object.colour) return [];
      engine.objectState(i, state, 0);
      const moved_m = Math.hypot(state[0] - position[0], state[1] - position[1], state[2] - position[2]);
      return moved_m > MOVED_M ? [name] : [];
    });
  }

  /** Lets a policy command the arm where no trajectory does; null for nobody. */
  letCommand(policy: CommandSource | null): void {
    this.embedded.simulated.loop.source = policy;
  }

  sendGoal(): void {
    this.result = null;
    this.bus.sendGoal(ACTIONS.task, this.goal, {
      onFeedback: ({ stage }) => void this.timeline.stages.push({ at_s: this.now_s, stage }),
      onResult: (_status, result) => {
        this.result = result;
      },
    });
  }

  /** Why a reset is refused; empty where it is not. */
  async reset(): Promise<string> {
    const { success, message } = await this.bus.call(SERVICES.safety_reset, {});
    return success ? '' : message;
  }

  /** Goes on until this holds or the time has passed; whether it held. */
  async until(holds: () => boolean, most_s: number): Promise<boolean> {
    const until_s = this.now_s + most_s;
    while (!holds()) {
      if (this.now_s >= until_s - 1e-9) return false;
      await this.step();
    }
    return true;
  }

  async step(): Promise<void> {
    await this.embedded.step();
    const { gate } = this.embedded.simulated;
    const { velocity, stop_time_s } = gate.lastCommand;
    let speed = 0;
    for (const v of velocity) speed = Math.max(speed, Math.abs(v));
    this.timeline.cycle(this.now_s, speed, stop_time_s, isOperating(gate.mode));
  }

  async close(): Promise<void> {
    await this.embedded.stop(() => {});
    this.injection.close?.();
  }
}

/** What the simulated cell does itself goes by the name of its kind. */
function nameOf({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return kind === 'sim' || kind === 'control' || kind === 'safety' ? kind : name;
}

/** Bus and clock as each node of a cell has them. */
class Places {
  private wires: Wires | null = null;
  private readonly clocks = new Map<string, ShiftedClock>();

  contextOf(node: string, { bus, clock, log }: NodeContext): NodeContext {
    return { bus: this.wiresOn(clock).busOf(node, bus), clock: this.clockOf(node, clock), log };
  }

  wiresOn(clock: NodeContext['clock']): Wires {
    this.wires ??= new Wires(clock);
    return this.wires;
  }

  clockOf(node: string, clock: NodeContext['clock']): ShiftedClock {
    const known = this.clocks.get(node) ?? new ShiftedClock(clock);
    this.clocks.set(node, known);
    return known;
  }
}

/** The world of the cell, with the order that belongs to it. */
function instanceOf(cell: Cell, robot: Robot): TaskInstance {
  const { episode, ...world } = parametersOfKind(cell, sim);
  return drawUnrecordedWorld(world, episode, robot).instance;
}

function isIn({ centre, size }: TableRegion, [x, y]: Float64Array): boolean {
  return Math.abs(x - centre[0]) < size[0] / 2 && Math.abs(y - centre[1]) < size[1] / 2;
}
