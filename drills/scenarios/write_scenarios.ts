import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scenarioPage } from './page.ts';
import type { ScenarioRun } from './run_scenario.ts';

export const SCENARIOS_SCHEMA = 'surepick/scenarios';

/** What is told of a run in JSON. */
export function summary({ film: _film, samples: _samples, scenario, ...rest }: ScenarioRun): object {
  return { name: scenario.name, title: scenario.title, ok: rest.unmet.length === 0, ...rest };
}

/** Writes `scenarios.html` and `scenarios.json` into a folder, which is made; returns the path of the page. */
export async function writeScenarios(folder: string, runs: readonly ScenarioRun[]): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const content = { schema: SCENARIOS_SCHEMA, version: 1, scenarios: runs.map(summary) };
  writeFileSync(join(folder, 'scenarios.json'), `${JSON.stringify(content, null, 2)}\n`);
  const page = join(folder, 'scenarios.html');
  writeFileSync(page, await scenarioPage(runs));
  return page;
}
