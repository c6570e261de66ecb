import { type ScenarioRun, ScenarioRunner } from './run_scenario.ts';
import { chooseScenarios, readScenarios } from './scenario.ts';

export interface ScenariosOptions {
  /** Names of scenarios, none for all. */
  readonly names: readonly string[];
  /** YAML file of scenarios; by default those that come with the package. */
  readonly file?: string;
  readonly onDone?: (run: ScenarioRun) => void;
}

/**
 * Plays scenarios one after the other until all are done or the signal comes. Throws InputError for a name that there is
 * not and for a file that cannot be used.
 */
export async function runScenarios(options: ScenariosOptions, stop?: AbortSignal): Promise<readonly ScenarioRun[]> {
  const { cell, scenarios } = readScenarios(options.file);
  const chosen = chooseScenarios(scenarios, options.names);
  const runner = await ScenarioRunner.create();
  const runs: ScenarioRun[] = [];
  try {
    for (const scenario of chosen) {
      if (stop?.aborted === true) break;
      const run = await runner.run(scenario, cell);
      options.onDone?.(run);
      runs.push(run);
    }
  } finally {
    await runner.close();
  }
  return runs;
}
