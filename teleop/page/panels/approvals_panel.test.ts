import { generateKeyPairSync } from 'node:crypto';
import type { Route } from 'playwright-core';
import { beforeEach, expect, it } from 'vitest';
import { TeleopPageRig } from '../../../test/support/teleop_page_rig.ts';
import type { OpenApproval } from '../../approvals/index.ts';

const OPEN: OpenApproval = {
  ...{ file: 'autonomy-0011.request.json', what: 'autonomy', robot: 'panda A-1', author: 'zoe', reason: 'a new shift' },
  ...{ until: '2026-02-04T08:00:00.000Z', signed_by: [], needed: 1 },
};
const KEY = String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));

const rig = TeleopPageRig.create();
let open: readonly OpenApproval[] = [];
let sent: string[] = [];
let asked = 0;

beforeEach(async () => {
  [open, sent, asked] = [[OPEN], [], 0];
  await rig.page.route('**/api/approvals', async (route: Route) => {
    if (route.request().method() === 'GET') {
      asked += 1;
      return route.fulfill({ json: { requests: open } });
    }
    sent.push(route.request().postData() ?? '');
    open = [{ ...OPEN, signed_by: ['Ada'] }];
    return route.fulfill({ json: { file: 'autonomy.approval.json' } });
  });
});

const panel = () => rig.page.getByRole('region', { name: 'Approvals' });
const choose = (name: string, text: string) =>
  panel()
    .getByLabel('Signed approval')
    .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });

it('hands a signed approval in, and sends no file that holds a private key', async () => {
  rig.host.role = 'supervisor';
  await rig.open();
  await panel().getByText('autonomy of panda A-1, asked for by zoe').waitFor();
  await choose('ada.key', KEY);
  await panel().getByText('ada.key holds a private key and was not sent').waitFor();
  expect(sent).toEqual([]);
  await choose('signed.json', '{"schema":"surepick.approval"}');
  await panel().getByText('signed.json was taken').waitFor();
  expect(sent).toEqual(['{"schema":"surepick.approval"}']);
  await panel().getByText('signed by Ada').waitFor();
});

it('is not there without requests', async () => {
  open = [];
  rig.host.role = 'supervisor';
  await rig.open();
  await rig.host.until(() => asked > 0);
  expect(await panel().isVisible()).toBe(false);
});

it('is not there for operators, whose page never asks', async () => {
  await rig.open();
  await rig.named('Take control').click();
  await rig.page.getByText('You are in control').waitFor();
  expect([await panel().isVisible(), asked]).toEqual([false, 0]);
});
