import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { TeleopPageRig } from '../../test/support/teleop_page_rig.ts';

const MOST_BYTES = 500_000;

const rig = TeleopPageRig.create();

describe('opening the page', () => {
  it('trades the code for a session and leaves nothing of it in the address, in cookies or in local storage', async () => {
    await rig.open();
    expect(rig.page.url()).toBe(`${rig.host.url}/`);
    expect(await rig.context.cookies()).toEqual([]);
    expect(await rig.page.evaluate(() => localStorage.length)).toBe(0);
    expect(await rig.page.title()).toMatch(/^SIMULATION/);
    expect(rig.host.addresses.filter((address) => address.includes('token') || address.includes('code'))).toEqual([]);
  });

  it('with a code that was used says so and asks for a name', async () => {
    const link = rig.host.link();
    await rig.page.goto(link);
    await rig.page.getByText('ready, reduced speed').waitFor();
    const other = await (await rig.browser.newContext()).newPage();
    await other.goto(link);
    await other.getByText('this address was used already').waitFor();
    expect(await other.getByLabel('Password').isVisible()).toBe(true);
    await other.context().close();
  });

  it('keeps the name of its tab when loaded anew; a duplicated tab has its own', async () => {
    await rig.open();
    expect(rig.host.tabs.size).toBe(1);
    await rig.page.reload();
    await rig.page.getByText('ready, reduced speed').waitFor();
    expect(rig.host.tabs.size).toBe(1);
    const duplicated = rig.context.waitForEvent('page');
    await rig.page.evaluate(() => void window.open('/'));
    await (await duplicated).getByText('ready, reduced speed').waitFor();
    expect(rig.host.tabs.size).toBe(2);
  });

  it('says which world it is by title, icon and words', async () => {
    rig.host.kind = 'real';
    await rig.open();
    expect(await rig.page.title()).toMatch(/^REAL: cell 4/);
    expect(await rig.page.locator('#icon').getAttribute('href')).toBe('/icons/real.svg');
    expect(await rig.page.getByText('REAL: cell 4').isVisible()).toBe(true);
  });

  it('loads less than half a megabyte of scripts and styles', () => {
    const files = readdirSync(rig.host.folder).filter((name) => /\.(js|css)$/.test(name));
    const bytes = files.map((name) => gzipSync(readFileSync(join(rig.host.folder, name))).length);
    expect(files).toContain('stop.js');
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(MOST_BYTES);
  });
});

describe('work', () => {
  it('is picked by choosing an object and pressing Pick once its way is shown', async () => {
    await rig.openInControl();
    expect(await rig.named('Pick').getAttribute('aria-disabled')).toBe('true');
    await rig.page
      .getByRole('list', { name: 'Objects seen' })
      .getByRole('button', { name: /red box/ })
      .click();
    await rig.page.getByText('Ready to pick the red box').waitFor();
    await rig.named('Pick').click();
    await rig.page.getByText('Automatic pick: Approach').waitFor();
    expect(rig.host.heardOf('pick')).toHaveLength(1);
    expect(rig.host.heardOf('pick')[0]).toMatchObject({ place: 'bin', object: { class: 'box', colour: 'red' } });
  });

  it('is done by keyboard alone: control taken, an object chosen and picked', async () => {
    await rig.open();
    const tabTo = async (name: RegExp) => {
      for (let i = 0; i < 80; i++) {
        await rig.page.keyboard.press('Tab');
        const focused = await rig.page.evaluate(() => document.activeElement?.textContent ?? '');
        if (name.test(focused)) return;
      }
      throw new Error(`${name} cannot be reached by Tab`);
    };
    // A busy machine's states and pictures may be too old for a command just then: it is given anew.
    const enter = async (name: RegExp, done: () => Promise<unknown>) => {
      for (let tries = 1; ; tries++) {
        await tabTo(name);
        await rig.page.keyboard.press('Enter');
        try {
          return await done();
        } catch (error) {
          if (tries === 6) throw error;
        }
      }
    };
    const seen = (text: string) => rig.page.getByText(text).waitFor({ timeout: 5000 });
    await enter(/^Take control$/, () => seen('You are in control'));
    await enter(/^red box · /, () => seen('Ready to pick'));
    await enter(/^Pick$/, () => rig.host.until(() => rig.host.heardOf('pick').length === 1));
  });

  it('asks its questions on cards that never move under the pointer', async () => {
    await rig.open();
    const cards = rig.page.locator('.card');
    rig.host.broadcast({ type: 'escalations', open: ['a', 'b', 'c'].map((id) => rig.host.question(id)) });
    await cards.nth(2).waitFor();
    const second = cards.filter({ hasText: '(b)' });
    await second.getByRole('button', { name: 'Skip' }).hover();
    const before = await second.boundingBox();
    rig.host.broadcast({ type: 'escalations', open: ['d', 'b', 'c'].map((id) => rig.host.question(id)) });
    await cards.filter({ hasText: '(d)' }).waitFor();
    expect(await second.boundingBox()).toEqual(before);
    await rig.page.mouse.click((before?.x ?? 0) + 5, (before?.y ?? 0) + 5);
    await second.getByRole('button', { name: 'Skip' }).click();
    expect(rig.host.heardOf('answer').map(({ escalation, answer }) => [escalation, answer])).toEqual([['b', 'skip']]);
    await rig.page.mouse.move(5, 300);
    await rig.page.locator('body').click({ position: { x: 8, y: 300 } });
    await rig.host.until(async () => (await cards.count()) === 2);
  });

  it('is asked for by another, who can be refused', async () => {
    await rig.openInControl();
    rig.host.lease = {
      ...rig.host.lease,
      request: { user: 'ann', session: 's-ann', until_ms: rig.host.now_ms + 5000 },
    };
    await rig.page.getByText('ann asks for control').waitFor();
    await rig.named('Keep control').click();
    await rig.host.until(() => rig.host.heardOf('lease').some(({ want }) => want === 'refuse'));
  });

  it('is kept as an incident bundle by one press, to be saved as a file; earlier ones are listed', async () => {
    await rig.open();
    await rig.named('Download 20260101-110000').waitFor();
    await rig.page.getByLabel('Note').fill('it slipped');
    await rig.named('Incident bundle').click();
    const saved = rig.page.waitForEvent('download');
    await rig.named('Download 20260101-120000').click();
    expect((await saved).suggestedFilename()).toBe('20260101-120000.zip');
    expect(rig.host.heardOf('incident')).toMatchObject([{ note: 'it slipped' }]);
    expect(rig.host.addresses.filter((address) => address.includes('token'))).toEqual([]);
  });

  it('may not be commanded by a viewer', async () => {
    rig.host.role = 'viewer';
    await rig.open();
    for (const name of ['Take control', 'Pick', 'Home', 'Mark this moment']) {
      expect(await rig.named(name).getAttribute('aria-disabled'), name).toBe('true');
      await rig.named(name).dispatchEvent('click');
    }
    await rig.page.waitForTimeout(100);
    expect(rig.host.heard.filter(({ command }) => command.type !== 'ping' && command.type !== 'alive')).toEqual([]);
  });
});
