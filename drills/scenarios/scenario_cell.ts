import {
  ACTIONS,
  InProcessBus,
  type Node,
  type NodeContext,
  type Rng,
  SERVICES,
  SILENT_LOG,
  SimClock,
  secondsToStamp,
  type TaskGoal,
} from '../../contracts/index.ts';
import { ContactDetector } from '../../control/index.ts';
import type { Robot } from '../../robots/index.ts';
import { envelopeForRobot, isOperating, OutputMonitor } from '../../safety/index.ts';
import { createTask, type Evaluation, type SceneModel, type TaskInstance } from '../../sim/index.ts';
import { CONTROL_HZ, drawUnrecordedWorld, type PolicyFactory, SimCell } from '../../stack/index.ts';
import { Chronicle, type GoalEnd } from './chronicle.ts';
import { type Active, begin, clothProp } from './disturbances.ts';
import { Film } from './film.ts';
import { personProp } from './person.ts';
import { PolicyPilot } from './policy_pilot.ts';
import type { Scenario, ScenarioSetup } from './scenario.ts';
import { SimulatedTracker, type Whereabouts } from './simulated_tracker.ts';

/** Between two samples of the tool's speed, in control cycles. */
const SAMPLE_CYCLES = 10;
/** How long a learned policy commands the arm, s. */
const FLIGHT_S = 5;
const AT_REST_RAD_S = 1e-3;
/** Longest that a goal is waited for, s. */
const GOAL_LIMIT_S = 40;

/** The whole stack on a simulated cell in lock-step, with one disturbance to come. */
export class ScenarioCell {
  readonly chronicle = new Chronicle();
  readonly film: Film;
  /** Cycles in which a command was outside a limit of the envelope. */
  violations = 0;
  /** When the disturbance began and ended, s; NaN until then. */
  began_s = Number.NaN;
  ended_s = Number.NaN;
  private readonly scenario: Scenario;
  private readonly robot: Robot;
  private readonly bus = new InProcessBus();
  private readonly clock = new SimClock();
  private readonly context: NodeContext;
  private readonly instance: TaskInstance;
  private readonly cell: SimCell;
  private judge: OutputMonitor;
  private readonly nodes: readonly Node[];
  private readonly object: number;
  private readonly person = personProp();
  private readonly cloth = clothProp();
  private readonly rng: Rng;
  private whereabouts: Whereabouts | null = null;
  private pilot: PolicyPilot | null = null;
  private tool: readonly number[] | null = null;
  private due_s = Number.POSITIVE_INFINITY;
  private active: Active | null = null;

  /** @param policies  makes what steers the arm: the whole stack of perception and planning */
  constructor(scenario: Scenario, setup: ScenarioSetup, robot: Robot, policies: PolicyFactory) {
    this.scenario = scenario;
    this.robot = robot;
    const { seed, episode } = scenario.world;
    const world = { task: 'pick-place', seed, randomize: 'none', objects: 'all' } as const;
    const { instance, rng } = drawUnrecordedWorld(world, episode, robot);
    const { goal } = instance;
    if (goal.task !== 'pick-place') throw new Error('scenarios are played in worlds of pick-place');
    this.object = instance.scene.objects.findIndex(
      (one) => one.class === goal.object.class && one.colour === goal.object.colour,
    );
    this.instance = createTask(goal.task).restore(this.changed(instance.scene), goal);
    const { scene } = this.instance;
    this.context = { bus: this.bus, clock: this.clock, log: SILENT_LOG };
    const envelope = { ...envelopeForRobot(robot), separation: setup.separation };
    const contact = { detector: new ContactDetector(robot, CONTROL_HZ, setup.contact), stop: true };
    this.cell = new SimCell(robot, scene, rng, this.context, true, 'cannon', null, null, { contact, envelope });
    const { seen, engine } = this.cell;
    if (seen === null) throw new Error('a scenario is seen by cameras');
    for (const { object } of [this.person, this.cloth]) seen.scene.add(object);
    this.film = new Film(seen, [this.person, this.cloth], robot.model.nb, engine.object_count);
    this.judge = this.judgeFrom(engine.q);
    const policy = policies.create({ scene, engine, rng: rng.stream('policy') });
    this.rng = rng.stream('scenario');
    const tracker = new SimulatedTracker(
      { ...setup.tracker, frame_id: robot.model.root_link },
      this.rng.stream('tracker'),
      () => (this.whereabouts === null ? [] : [this.whereabouts]),
    );
    this.nodes = [this.chronicle, tracker, ...this.cell.nodes, ...policy.nodes];
  }

  get time_s(): number {
    return this.cell.time_s;
  }

  /** @param worker  program of the threads of policies, for where sources run without a build */
  async start(worker?: string): Promise<void> {
    const { cell, robot, rng } = this;
    if (this.scenario.steered_by === 'policy') this.pilot = await PolicyPilot.open(cell, robot, rng, worker);
    for (const node of this.nodes) await node.configure(this.context);
    for (const node of this.nodes) node.activate();
  }

  async close(): Promise<void> {
    await this.pilot?.close();
    for (const node of [...this.nodes].reverse()) {
      node.deactivate();
      await node.cleanup();
    }
    this.cell.dispose();
  }

  /** Sends the goal of the world and lets time pass until it has ended; null where it does not end. */
  async achieve(): Promise<GoalEnd | null> {
    const { bus, chronicle } = this;
    const ends = chronicle.ends.length;
    chronicle.note('goal', `asked for: ${describe(this.instance.goal)}`);
    bus.sendGoal(ACTIONS.task, this.instance.goal, {
      onFeedback: (feedback) => {
        chronicle.stage(feedback);
        this.expect(feedback.stage, feedback.attempt);
      },
      onResult: (_status, result) => chronicle.end(result),
    });
    await this.pass(GOAL_LIMIT_S, () => chronicle.ends.length > ends);
    return chronicle.ends[ends] ?? null;
  }

  /** Lets the learned policy command the arm for a while, or until it is held. */
  async fly(): Promise<GoalEnd> {
    const { pilot, chronicle } = this;
    if (pilot === null) throw new Error('no policy commands this cell');
    chronicle.stage({ stage: 'policy', attempt: 1, reason: '' });
    this.expect('policy', 1);
    pilot.start();
    await this.pass(FLIGHT_S, () => pilot.held !== '');
    const reason = pilot.held;
    pilot.stop();
    chronicle.end({ ok: reason === '', stage: 'policy', reason, attempts: 1 });
    return chronicle.ends[chronicle.ends.length - 1];
  }

  /** A person resets the stop; whether the arm may move afterwards. */
  async reset(): Promise<boolean> {
    const { success, message } = await this.bus.call(SERVICES.safety_reset, {});
    this.chronicle.note('person', success ? 'resets the stop' : `asks for a reset: ${message}`);
    // The gate begins anew where the arm is measured.
    this.judge = this.judgeFrom(this.cell.loop.state.position);
    return this.pass(1, () => isOperating(this.cell.gate.mode));
  }

  /** Lets time pass until something holds; false if it did not within `limit_s`. */
  async pass(limit_s: number, until: () => boolean): Promise<boolean> {
    const end_s = this.time_s + limit_s;
    while (!until()) {
      if (this.time_s >= end_s - 1e-9) return false;
      await this.step();
    }
    return true;
  }

  get at_rest(): boolean {
    const { velocity } = this.cell.loop.state;
    return velocity.subarray(0, this.robot.arm_joints).every((v) => Math.abs(v) < AT_REST_RAD_S);
  }

  evaluate(): Evaluation {
    return this.instance.evaluate(this.cell.view(this.time_s));
  }

  private async step(): Promise<void> {
    const { cell, clock, bus } = this;
    this.disturb();
    const answer = this.pilot?.settle() ?? null;
    if (answer !== null) await answer;
    cell.step();
    this.judge.look(cell.gate.lastCommand, cell.gate.mode === 'fault');
    this.violations += this.judge.violations;
    this.judge.violations = 0;
    clock.advance(secondsToStamp(cell.time_s));
    cell.publish();
    if (bus.active) await bus.settled();
    this.film.expose(cell.time_s, cell.engine);
    if (cell.engine.steps % SAMPLE_CYCLES === 0) this.sample();
  }

  private sample(): void {
    const { tool_position } = this.cell.view(this.time_s);
    const before = this.tool ?? tool_position;
    const way_m = Math.hypot(...tool_position.map((x, k) => x - before[k]));
    this.tool = tool_position;
    this.chronicle.sample((way_m * CONTROL_HZ) / SAMPLE_CYCLES);
  }

  /** A stage begins: the disturbance may be due some time after that. */
  private expect(stage: string, attempt: number): void {
    const { at } = this.scenario.disturbance;
    if (Number.isFinite(this.due_s) || stage !== at.stage || attempt !== at.attempt) return;
    this.due_s = this.time_s + at.after_s;
  }

  private disturb(): void {
    const { scenario, cell, robot, object, chronicle } = this;
    const { disturbance } = scenario;
    if (cell.time_s < this.due_s - 1e-9 || Number.isFinite(this.ended_s)) return;
    if (this.active === null) {
      this.began_s = cell.time_s;
      chronicle.note('disturbance', `${scenario.title} begins`);
      this.active = begin(disturbance, {
        ...{ robot, cell, object, scene: this.instance.scene },
        ...{ person: this.person, cloth: this.cloth, pilot: this.pilot },
        tell: (whereabouts) => {
          this.whereabouts = whereabouts;
        },
      });
    }
    if (cell.time_s < this.began_s + disturbance.for_s - 1e-9) {
      this.active.apply();
      return;
    }
    this.active.end();
    this.ended_s = cell.time_s;
    chronicle.note('disturbance', `${scenario.title} ends`);
  }

  private judgeFrom(q: Float64Array): OutputMonitor {
    const { robot, cell } = this;
    const n = robot.arm_joints;
    return new OutputMonitor(cell.gate.envelope, robot, CONTROL_HZ, q.slice(0, n), new Float64Array(n));
  }

  private changed(scene: SceneModel): SceneModel {
    const { object_mass_kg, object_friction } = this.scenario.world;
    const objects = scene.objects.map((one, i) => {
      const { mass_kg, friction } = one;
      if (i !== this.object) return one;
      return { ...one, mass_kg: object_mass_kg ?? mass_kg, friction: object_friction ?? friction };
    });
    return { ...scene, objects };
  }
}

function describe(goal: TaskGoal): string {
  return goal.task === 'pick-place' ? `the ${goal.object.colour} ${goal.object.class} on its target` : goal.task;
}
