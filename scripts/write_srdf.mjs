// Writes the SRDF of the shipped Panda: the pairs of its links that never touch within the joint limits, or always may.
// Run it after a change of the robot's shapes or limits:
//   npm run build && node scripts/write_srdf.mjs [SAMPLES]

import { writeFileSync } from 'node:fs';
import { selfCollisionMatrix, srdfOf } from '../dist/collision/index.js';
import { loadRobot, PANDA_SRDF } from '../dist/robots/index.js';
import { say } from './bootstrap.mjs';

const robot = loadRobot('panda', { visualMeshes: false });
const pairs = selfCollisionMatrix(robot, process.argv[2] === undefined ? {} : { samples: Number(process.argv[2]) });
writeFileSync(PANDA_SRDF, srdfOf(robot, pairs));
for (const reason of ['Adjacent', 'Always', 'Default', 'Never']) {
  say(`${reason}: ${pairs.filter((pair) => pair.reason === reason).length} pairs`);
}
