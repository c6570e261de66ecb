import { expect, it } from 'vitest';
import { TeleopPageRig } from '../../../test/support/teleop_page_rig.ts';

const rig = TeleopPageRig.create();
const panel = () => rig.page.getByRole('group').filter({ hasText: 'Correct what is seen' });

it('rejects an outline without a pointer, as none, as another object and as elsewhere', async () => {
  await rig.open();
  await rig.page.locator('#corrections-panel > summary').press('Enter');
  const seen = panel().locator('#wrong');
  await rig.host.until(async () => (await seen.locator('option').count()) === 4);
  await seen.selectOption('overview: blue cylinder');
  const said = () => rig.host.heardOf('correct').map(({ about, verdict }) => ({ about, verdict }));
  const correct = async (kind: string, more: () => Promise<void> = async () => {}) => {
    const before = said().length;
    await panel().locator('#mistake').selectOption(kind);
    await more();
    await panel().getByRole('button', { name: 'Correct', exact: true }).press('Enter');
    await rig.host.until(() => said().length === before + 1);
  };
  const about = { kind: 'outline', camera: 'overview', stamp_ms: 0, object: 2 };
  await correct('no object');
  expect(said().at(-1)).toEqual({ about, verdict: { mistake: 'not_object' } });
  await correct('another object', async () => {
    await panel().locator('#is-object').selectOption('red cylinder');
  });
  expect(said().at(-1)?.verdict).toEqual({ mistake: 'other_object', object: { class: 'cylinder', colour: 'red' } });
  await correct('somewhere else', async () => {
    expect(await panel().getByLabel('Left').inputValue()).toBe('190');
    await panel().getByLabel('Left').fill('180');
  });
  expect(said().at(-1)?.verdict).toEqual({ mistake: 'other_place', box: [180, 120, 40, 60] });
  await panel().getByText('Kept for training').waitFor();
  await panel().getByLabel('Width').fill('');
  await panel().getByRole('button', { name: 'Correct', exact: true }).press('Enter');
  await panel().getByText('Width and Height 1 px or more').waitFor();
  expect(said()).toHaveLength(3);
});

it('speaks against a question from its card', async () => {
  await rig.open();
  rig.host.broadcast({ type: 'escalations', open: [rig.host.question('a'), rig.host.question('b')] });
  const card = rig.page.locator('.card').filter({ hasText: '(b)' });
  await card.getByRole('button', { name: 'Something else is wrong' }).press('Enter');
  expect(await rig.page.evaluate(() => document.activeElement?.id)).toBe('mistake');
  await panel().getByRole('button', { name: 'Correct', exact: true }).press('Enter');
  await rig.host.until(() => rig.host.heardOf('correct').length === 1);
  const { frame_sha256, model } = rig.host.question('b');
  expect(rig.host.heardOf('correct')[0]).toMatchObject({
    about: { kind: 'question', escalation: 'b', frame_sha256, model },
    verdict: { mistake: 'not_object' },
  });
});
