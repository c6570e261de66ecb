export { ENTRY_KINDS, type Entry, type GoalEnd, type SafetyChange } from './chronicle.ts';
export { PICTURES_FOLDER, scenariosDocument } from './document.ts';
export { mosaic } from './mosaic.ts';
export { type ScenarioRun, ScenarioRunner } from './run_scenario.ts';
export { runScenarios, type ScenariosOptions } from './run_scenarios.ts';
export { chooseScenarios, readScenarios, SCENARIOS_FILE, type Scenario } from './scenario.ts';
export { SCENARIOS_SCHEMA, writeScenarios } from './write_scenarios.ts';
