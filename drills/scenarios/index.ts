export { ENTRY_KINDS, type Entry, type GoalEnd, type SafetyChange } from './chronicle.ts';
export { type ScenarioRun, ScenarioRunner } from './run_scenario.ts';
export { chooseScenarios, readScenarios, SCENARIOS_FILE, type Scenario } from './scenario.ts';
