import type { Robot } from '../../robots/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { prepareEngine } from '../../sim/index.ts';
import { createPolicyFactory, DEFAULT_EPISODE_OPTIONS, type PolicyFactory } from '../../stack/index.ts';
import type { Entry, GoalEnd, SafetyChange, Sample } from './chronicle.ts';
import { restrains, unmet } from './expectation.ts';
import type { Film } from './film.ts';
import type { Scenario, ScenarioSetup } from './scenario.ts';
import { ScenarioCell } from './scenario_cell.ts';

/** Time for objects and arm to come to rest, s. */
const SETTLE_S = 0.4;
/** Longest wait for the end of a disturbance and for standstill, s. */
const REST_LIMIT_S = 20;

/** What came of a scenario. */
export interface ScenarioRun {
  readonly scenario: Scenario;
  /** What was expected and did not come, one line each; empty when all came. */
  readonly unmet: readonly string[];
  readonly entries: readonly Entry[];
  readonly changes: readonly SafetyChange[];
  readonly samples: readonly Sample[];
  readonly began_s: number;
  readonly ended_s: number;
  /** When the gate first reacted, s; null when it did not. */
  readonly reacted_s: number | null;
  /** How the goal ended, and the one after the recovery. */
  readonly first: GoalEnd | null;
  readonly second: GoalEnd | null;
  readonly checks: Readonly<Record<string, boolean>>;
  /** Cycles in which a command was outside a limit of the envelope. */
  readonly violations: number;
  readonly duration_s: number;
  readonly film: Film;
}

/** Plays scenarios one at a time, each in a fresh cell. */
export class ScenarioRunner {
  private readonly robot: Robot;
  private readonly policies: PolicyFactory;

  private constructor(robot: Robot, policies: PolicyFactory) {
    this.robot = robot;
    this.policies = policies;
  }

  /** @param model  the vision model, as `surepick run` takes it. Throws InputError for one that cannot be used. */
  static async create(model: string = DEFAULT_EPISODE_OPTIONS.model): Promise<ScenarioRunner> {
    const robot = loadRobot('panda');
    await prepareEngine('cannon');
    return new ScenarioRunner(robot, await createPolicyFactory({ ...DEFAULT_EPISODE_OPTIONS, model }, robot));
  }

  async close(): Promise<void> {
    await this.policies.close();
  }

  /** @param worker  program of the threads of policies, for where sources run without a build */
  async run(scenario: Scenario, setup: ScenarioSetup, worker?: string): Promise<ScenarioRun> {
    const cell = new ScenarioCell(scenario, setup, this.robot, this.policies);
    try {
      await cell.start(worker);
      await cell.pass(SETTLE_S, () => false);
      const first = scenario.steered_by === 'policy' ? await cell.fly() : await cell.achieve();
      await cell.pass(REST_LIMIT_S, () => Number.isFinite(cell.ended_s) && cell.at_rest);
      await cell.pass(SETTLE_S, () => false);
      if (scenario.recovery === 'reset') await cell.reset();
      const second = scenario.afterwards === null ? null : await cell.achieve();
      await cell.pass(SETTLE_S, () => false);
      const { changes, entries, samples } = cell.chronicle;
      const { began_s, ended_s, film } = cell;
      const reaction = changes.find((change) => change.time_s >= began_s && restrains(change));
      const run = {
        ...{ scenario, entries, changes, samples, began_s, ended_s, first, second, film },
        reacted_s: reaction?.time_s ?? null,
        checks: cell.evaluate().checks,
        violations: cell.violations,
        duration_s: cell.time_s,
      };
      return { ...run, unmet: unmet(run) };
    } finally {
      await cell.close();
    }
  }
}
