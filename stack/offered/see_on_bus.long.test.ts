import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { policyOnBus } from '../../test/support/policy_on_bus.ts';

const SEE = join(PACKAGE_ROOT, 'models', 'policies', 'see.onnx');
const EPISODES = 8;
const SEED = 4117;

it('the shipped policy that sees brings objects to their places by pictures and joints from the bus', async () => {
  const lines: string[] = [];
  let successes = 0;
  for (let episode = 0; episode < EPISODES; episode++) {
    const rig = await policyOnBus([SEE], SEED, episode, 15);
    const { cell, instance, run, start, close } = rig;
    await run(0.3);
    const { told } = start();
    const done = () => cell.engine.steps % 50 === 0 && instance.evaluate(cell.view(0)).success;
    await run(20, () => told.result !== null || done());
    const { success, placement_error_m } = instance.evaluate(cell.view(0));
    if (success) successes++;
    const { stage, reason } = told.result ?? told.feedback.at(-1) ?? { stage: '', reason: '' };
    lines.push(`episode ${episode}: ${success}, ${(1000 * placement_error_m).toFixed(0)} mm ${stage} ${reason}`);
    await close();
  }
  expect(successes, lines.join('\n')).toBeGreaterThanOrEqual(EPISODES - 2);
}, 900_000);
