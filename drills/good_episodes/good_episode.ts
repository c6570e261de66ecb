import {
  ACTIONS,
  InProcessBus,
  type Node,
  type PickPlaceResult,
  SILENT_LOG,
  SimClock,
  secondsToStamp,
} from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { type AuditEvent, envelopeForRobot, type Intervention } from '../../safety/index.ts';
import { drawUnrecordedWorld, type PolicyFactory, SimCell } from '../../stack/index.ts';
import { Chronicle, type SafetyChange } from '../scenarios/chronicle.ts';
import { PERSON_FLOOR_M, personProp } from '../scenarios/person.ts';
import type { ScenarioSetup } from '../scenarios/scenario.ts';
import { SimulatedTracker } from '../scenarios/simulated_tracker.ts';
import { Stroller } from './strollers.ts';

/** Time for objects and arm to come to rest before the goal is asked for, s; longest that it is waited for. */
const SETTLE_S = 0.4;
const GOAL_LIMIT_S = 40;
const MOST_PEOPLE = 3;
/** Below this share of the usual speed the arm hardly moves. */
const STANDSTILL = 0.01;
const WORLD = { task: 'pick-place', seed: 0, randomize: 'none', objects: 'all' } as const;
/** What the audit tells of in an episode in which nothing is amiss. */
const USUAL: readonly AuditEvent['kind'][] = ['start', 'end', 'limits'];

/** One pick and place from the goal on. */
export interface GoodEpisode {
  readonly success: boolean;
  readonly attempts: number;
  /** From the goal to its end, s. */
  readonly duration_s: number;
  readonly people: number;
  /** Nearest that the gate found a person to the arm, m; null without people. */
  readonly nearest_m: number | null;
  /** Least share of the usual speed along paths. */
  readonly pace: number;
  /** Whatever stopped or degraded the motion, or was found wrong by the supervisor, one line each. */
  readonly stops: readonly string[];
}

/**
 * Plays an episode's world, with people who walk about the cell as its cameras see them and a tracker tells of them, or with
 * nobody there, nobody told of and no separation in the envelope.
 *
 * @param people  null for the cell without any of it
 */
export async function playGoodEpisode(
  index: number,
  people: ScenarioSetup | null,
  robot: Robot,
  policies: PolicyFactory,
): Promise<GoodEpisode> {
  const { instance, rng } = drawUnrecordedWorld(WORLD, index, robot);
  const bus = new InProcessBus();
  const clock = new SimClock();
  const context = { bus, clock, log: SILENT_LOG };
  const events: AuditEvent[] = [];
  const audit = { record: (event: AuditEvent) => void events.push(event) };
  const separation = people === null ? {} : { separation: people.separation };
  const envelope = { ...envelopeForRobot(robot), ...separation };
  const cell = new SimCell(robot, instance.scene, rng, context, true, 'cannon', null, null, { envelope, audit });
  const crowd = rng.stream('people');
  const count = people === null ? 0 : 1 + crowd.int(MOST_PEOPLE);
  const walkers = Array.from({ length: count }, (_, i) => ({
    stroller: new Stroller(crowd.stream(`person ${i}`)),
    prop: personProp(),
  }));
  for (const { prop } of walkers) cell.seen?.scene.add(prop.object);
  const chronicle = new Chronicle();
  const policy = policies.create({ scene: instance.scene, engine: cell.engine, rng: rng.stream('policy') });
  const nodes: Node[] = [chronicle, ...cell.nodes, ...policy.nodes];
  if (people !== null) {
    const options = { ...people.tracker, frame_id: robot.model.root_link };
    const whereabouts = () => walkers.map(({ stroller }) => stroller.at(cell.time_s));
    nodes.push(new SimulatedTracker(options, crowd.stream('tracker'), whereabouts));
  }
  let pace = 1;
  let nearest_m = Number.POSITIVE_INFINITY;
  const pass = async (end_s: number, until: () => boolean) => {
    while (!until() && cell.time_s < end_s - 1e-9) {
      for (const { stroller, prop } of walkers) prop.place([...stroller.at(cell.time_s).at, PERSON_FLOOR_M]);
      cell.step();
      clock.advance(secondsToStamp(cell.time_s));
      cell.publish();
      if (bus.active) await bus.settled();
      nearest_m = Math.min(nearest_m, cell.gate.separation_m ?? nearest_m);
      pace = Math.min(pace, cell.gate.pace);
    }
  };
  try {
    for (const node of nodes) await node.configure(context);
    for (const node of nodes) node.activate();
    await pass(SETTLE_S, () => false);
    [pace, events.length] = [1, 0];
    const { interventions } = cell.gate;
    // One that goes on counts too.
    const before = interventions.count - (interventions.open ? 1 : 0);
    const asked_s = cell.time_s;
    let end: PickPlaceResult | null = null;
    const onResult = (_status: unknown, result: PickPlaceResult) => {
      end = result;
    };
    bus.sendGoal(ACTIONS.task, instance.goal, { onFeedback: () => {}, onResult });
    await pass(asked_s + GOAL_LIMIT_S, () => end !== null);
    const duration_s = cell.time_s - asked_s;
    await pass(cell.time_s + SETTLE_S, () => false);
    const count_after = interventions.count - before;
    const latest = count_after === 0 ? [] : interventions.list().slice(-count_after);
    return {
      success: instance.evaluate(cell.view(cell.time_s)).success,
      ...{ attempts: (end as PickPlaceResult | null)?.attempts ?? 0, duration_s, people: count, pace },
      nearest_m: Number.isFinite(nearest_m) ? nearest_m : null,
      stops: [
        ...latest.filter(({ effect }) => effect !== 'limit').map(told),
        ...chronicle.changes.filter((change) => change.time_s > asked_s && amiss(change)).map(said),
        ...(pace < STANDSTILL ? ['the arm waits for a person to go'] : []),
        ...events.filter(({ kind }) => kind !== 'intervention' && !USUAL.includes(kind)).map(({ rule }) => rule),
      ],
    };
  } finally {
    for (const node of nodes.reverse()) {
      node.deactivate();
      await node.cleanup();
    }
    cell.dispose();
  }
}

function told({ start_s, effect, reasons }: Intervention): string {
  return `${effect} at ${start_s.toFixed(3)} s: ${reasons.join(', ')}`;
}

function amiss({ mode, degradation }: SafetyChange): boolean {
  return mode !== 'automatic' || degradation !== 'none';
}

function said({ time_s, mode, degradation, reasons }: SafetyChange): string {
  return `${mode}, degraded to ${degradation} at ${time_s.toFixed(3)} s: ${reasons.join(', ')}`;
}
