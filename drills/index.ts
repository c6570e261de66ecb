export { DRILLS, drillsNamed, drillsOn } from './catalogue.ts';
export { DRILL_BUSES, type Drill, type DrillBus, type DrillMeasures } from './drill.ts';
export { drilledCell } from './graph_change.ts';
export type { Check } from './judge.ts';
export type { DrillRun } from './page/render_page.ts';
export { type DrillResult, type DrillRunOptions, runDrills } from './run_drills.ts';
export * from './scenarios/index.ts';
export { writeDrills } from './write_drills.ts';
