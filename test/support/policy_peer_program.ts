/** A cell whose policy, the file of its argument, a peer that we did not write may run; until stdin ends. */
import { SILENT_LOG, SimClock, secondsToStamp } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { RosBus } from '../../ros/index.ts';
import { prepareEngine } from '../../sim/index.ts';
import { CellPlace, drawUnrecordedWorld, openOffered, PolicyNode, SimCell } from '../../stack/index.ts';

const CYCLES = 10;
const PERIOD_MS = 20;

const say = (line: string) => process.stdout.write(`${line}\n`);
await prepareEngine('cannon');
const robot = loadRobot('panda', { visualMeshes: false });
const world = { task: 'pick-place', engine: 'cannon', randomize: 'none', objects: 'all', seed: 0 } as const;
const { instance, rng, randomization } = drawUnrecordedWorld(world, 0, robot);
const { scene, goal } = instance;
if (goal.task !== 'pick-place') throw new Error(goal.task);
const bus = await RosBus.create({ node_name: 'cell', onError: (error, where) => say(`error ${where}: ${error}`) });
const clock = new SimClock();
const context = { bus, clock, log: SILENT_LOG };
const cell = new SimCell(robot, scene, rng, context, false, 'cannon', randomization);
const policies = await openOffered(process.argv.slice(2), robot, cell.gate.envelope);
const place = new CellPlace({ robot, cell, scene, policies, seeing: { randomization, rng } });
const node = new PolicyNode({ place, policies });
const nodes = [...cell.nodes, node];
for (const each of nodes) await each.configure(context);
for (const each of nodes) each.activate();
const timer = setInterval(() => {
  for (let k = 0; k < CYCLES; k++) {
    cell.step();
    clock.advance(secondsToStamp(cell.time_s));
    cell.publish();
    void node.cycled();
  }
}, PERIOD_MS);
say(`ready ${[goal.object.class, goal.object.colour, ...goal.target].join(' ')}`);
process.stdin.resume().on('end', async () => {
  clearInterval(timer);
  for (const each of nodes) each.deactivate();
  for (const each of nodes) await each.cleanup();
  await bus.shutdown();
});
