export { BusPlace, type BusPlaceOptions } from './bus_place.ts';
export { CellPlace, type CellPlaceParts } from './cell_place.ts';
export { type OpenPolicy, openOffered, openOnRobot } from './open_offered.ts';
export { PolicyDrive, type PolicyDriveParts } from './policy_drive.ts';
export { PolicyNode, type PolicyNodeOptions } from './policy_node.ts';
