export { CameraThread, type CameraThreadEvents } from './camera_thread.ts';
export { type HostEvents, LockStepHost, type SimulationHost, type StartHost, type Timing } from './host.ts';
export { type LiveCellOptions, liveCellOptions } from './options.ts';
export { SimNode, type SimNodeOptions } from './sim_node.ts';
export type { SimulationReport } from './simulation.ts';
export { SPAWNABLES } from './spawnables.ts';
