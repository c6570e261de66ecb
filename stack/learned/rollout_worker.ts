import { parentPort, workerData } from 'node:worker_threads';
import { InputError } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { RolloutGroup } from './rollout_group.ts';
import { type FromRolloutWorker, type RolloutSetup, takeFrom } from './rollout_messages.ts';

/** Body of a rollout worker: plays orders until none is left. */
async function main(setup: RolloutSetup): Promise<void> {
  const send = (message: FromRolloutWorker) => parentPort?.postMessage(message);
  try {
    const robot = loadRobot('panda');
    const group = await RolloutGroup.open(setup.model, robot, setup.world, setup.keeping);
    await group.play(takeFrom(setup), (episode) => send({ kind: 'episode', episode }), setup.worlds);
    await group.close();
  } catch (error) {
    const input = error instanceof InputError;
    const message = error instanceof Error ? (input ? error.message : (error.stack ?? error.message)) : String(error);
    send({ kind: 'failed', input, message });
  }
}

await main(workerData as RolloutSetup);
