import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { describe, expect, it } from 'vitest';
import { TeleopPageRig } from '../../test/support/teleop_page_rig.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const rig = TeleopPageRig.create();

describe('in light and in dark, axe finds nothing serious', () => {
  const check = async () => {
    await rig.page.evaluate(AXE);
    for (const colorScheme of ['light', 'dark'] as const) {
      await rig.page.emulateMedia({ colorScheme });
      const { violations } = (await rig.page.evaluate('axe.run()')) as AxeResults;
      const found = violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
      expect(found, colorScheme).toEqual([]);
    }
  };

  it('before somebody has logged in', async () => {
    await rig.page.goto(rig.host.url);
    await rig.page.getByLabel('Password').waitFor();
    await check();
  });

  it('in control with a plan, questions, alarms and every panel open', async () => {
    await rig.openInControl();
    await rig.page
      .getByRole('list', { name: 'Objects seen' })
      .getByRole('button', { name: /red box/ })
      .click();
    await rig.page.getByText('Ready to pick').waitFor();
    await rig.openAllPanels();
    rig.host.broadcast({ type: 'escalations', open: [rig.host.question('a')] });
    rig.host.broadcast({
      type: 'alarms',
      alarms: [rig.host.alarm('high'), rig.host.alarm('medium'), rig.host.alarm('low')],
    });
    await rig.page.getByRole('button', { name: 'Acknowledge high alarm' }).waitFor();
    await check();
  });

  it('in a stop that was not confirmed, without new pictures, at 360 pixels', async () => {
    await rig.page.setViewportSize({ width: 360, height: 740 });
    await rig.open();
    rig.host.answersStops = false;
    rig.host.pictures = false;
    rig.host.mode = 'fault';
    await rig.page.keyboard.press('Escape');
    await rig.page.getByText('NOT CONFIRMED').waitFor();
    await rig.page.getByRole('alert', { name: 'Safety state' }).getByText('fault').waitFor();
    await check();
  });
});
