import { expect, it } from 'vitest';
import { TeleopPageRig } from '../../../test/support/teleop_page_rig.ts';
import type { PolicyView } from '../../protocol/messages.ts';

const rig = TeleopPageRig.create();
const panel = () => rig.page.getByRole('region', { name: 'Policy' });
const run = () => panel().getByRole('button', { name: 'Run policy' });

const PICK: PolicyView = {
  ...{ name: 'pick', version: '1.2.0', model_sha256: 'ab'.repeat(32), task: 'pick-place', rate_hz: 25 },
  ...{ told: 'robot', ask_below: 0.5, refusal: '' },
};
const TOLD: PolicyView = { ...PICK, name: 'told', model_sha256: 'cd'.repeat(32), told: 'state', ask_below: 0 };
const offer = (...policies: readonly PolicyView[]) => rig.host.broadcast({ type: 'policies', policies });

it('is not there where no policy is offered', async () => {
  await rig.openInControl();
  expect(await run().isVisible()).toBe(false);
  offer(PICK);
  await run().waitFor();
  offer();
  await run().waitFor({ state: 'hidden' });
});

it('starts the chosen one by one press of a key, for the object that is outlined, and shows how it goes', async () => {
  await rig.openInControl();
  offer(TOLD, PICK);
  await panel().getByText('never asks').waitFor();
  expect(await run().getAttribute('aria-disabled')).toBe('true');
  expect(await run().getAttribute('title')).toBe('choose an object first');
  await run().press('Enter');
  expect(rig.host.heardOf('policy')).toEqual([]);
  await rig.page.getByRole('button', { name: /red box/ }).press('Enter');
  await panel().getByText('Would bring the red box to bin, by a way of its own.').waitFor();
  await panel().getByText('told the true state of the simulated world').waitFor();
  await panel().getByLabel('Policy').selectOption('pick 1.2.0');
  await panel().getByText('asks when it is sure by less than 50 % · SHA-256 abababababab…').waitFor();
  expect(await panel().getByText('true state').isVisible()).toBe(false);
  await run().press('Enter');
  await rig.host.until(() => rig.host.heardOf('policy').length === 1);
  expect(rig.host.heardOf('policy')).toMatchObject([
    { model_sha256: PICK.model_sha256, object: { class: 'box', colour: 'red' }, place: 'bin' },
  ]);
  await panel().getByText('Choose an object above').waitFor();
  const progress = { name: 'pick', confidence: 0.83, time_s: 4.2 };
  rig.host.task = { ...rig.host.task, kind: 'policy', stage: 'lift', attempt: 1, policy: progress };
  await rig.page.getByText('Policy: Lift').waitFor();
  await rig.page.getByText('pick · 4 s · sure by 83 %').waitFor();
});

it('says why one may not be started here', async () => {
  await rig.openInControl();
  const refusal = 'told is told the true state of the world, which only a simulation knows';
  offer({ ...TOLD, refusal });
  await rig.page.getByRole('button', { name: /red box/ }).click();
  await rig.host.until(async () => (await run().getAttribute('title')) === refusal);
  await run().dispatchEvent('click');
  await rig.page.locator('#message').getByText(`Run policy: ${refusal}`).waitFor();
  expect(rig.host.heardOf('policy')).toEqual([]);
});
