export { decideListening, initTls, ROLES, teleopConfigFolder, teleopStateFolder, Users } from './access/index.ts';
export { checkBundle, isBundle } from './incident/index.ts';
export { placesOf, TABLE_PLACES } from './places.ts';
export { Teleop, type TeleopEvents, type TeleopOptions } from './teleop.ts';
