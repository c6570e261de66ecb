import type { Browser } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { wilson95 } from '../../contracts/index.ts';
import { sharedBrowser } from '../../test/support/browser.ts';
import { openPage } from '../../test/support/opened_page.ts';
import { sampleCard } from '../../test/support/sample_card.ts';
import { type CardContent, cardFacts } from './card_facts.ts';
import { chosenForPictures } from './gather_card.ts';
import { limitsOfUse } from './limits_of_use.ts';
import { renderCard } from './render_card.ts';

const HOSTILE = `</script><script>window.broken=1</script><img src=x onerror="window.broken=2">'"><b>&amp;\u2028`;

describe('the numbers of a card', () => {
  it('count what is there, with intervals, and leave what nobody judged out of rates', async () => {
    const { success, failures, splits, quality, joints, cameras, randomization, tombstones } = cardFacts(
      await sampleCard(12),
    );
    expect(success.all).toEqual({
      name: 'all',
      episodes: 12,
      judged: 9,
      successes: 6,
      rate: 6 / 9,
      wilson95: wilson95(6, 9),
    });
    expect(success.task.map(({ name, episodes }) => [name, episodes])).toEqual([
      ['pick-place', 6],
      ['sort', 6],
    ]);
    expect(success.object.map(({ name }) => name)).toEqual(['box', 'cylinder']);
    expect(failures).toEqual({ grasp: 3 });
    expect(splits).toEqual({ train: 8, test: 2, validation: 2 });
    expect(quality.scored).toBe(12);
    expect(quality.findings[0]).toMatchObject({ check: 'dark_frames', severity: 'major', episodes: 3 });
    expect(joints[0]).toMatchObject({ name: 'joint1', low: -1.2, high: 1.5 });
    expect(cameras[0].rate_hz?.median).toBeCloseTo(30, 9);
    expect(randomization.map(({ name }) => name)).toEqual(['friction.table']);
    expect(tombstones).toHaveLength(1);
  });

  it('say what follows for who wants to use it', async () => {
    const weights = (content: CardContent) =>
      limitsOfUse(cardFacts(content)).map(({ weight, text }) => `${weight}: ${text}`);
    const whole = weights(await sampleCard(12));
    expect(whole.join('\n')).toMatch(/stop: 1 export or model still hold/);
    expect(whole.join('\n')).toMatch(/care: Nobody has signed it/);
    const content = await sampleCard(12);
    const broken = weights({
      ...content,
      signature: { status: 'broken', lines: [] },
      unreadable: new Map([['e-0', 'no']]),
    });
    expect(broken[0]).toMatch(/^stop: What is there is not what was signed/);
    expect(broken.join('\n')).toMatch(/stop: Not to be read: 1 of 12 episodes/);
    const signed = weights({ ...content, signature: { status: 'signed', lines: [] } });
    expect(signed.join('\n')).not.toMatch(/signed/);
  });

  it('show episodes of every task and outcome in pictures, as many as there may be', async () => {
    const { index } = (await sampleCard(40)).dataset;
    for (const most of [0, 1, 5, 8, 39, 40, 60]) {
      const chosen = chosenForPictures(index.episodes, most);
      expect(chosen).toHaveLength(Math.min(most, 40));
      const kinds = (episodes: typeof index.episodes) =>
        new Set(episodes.map(({ task, outcome }) => `${task} ${outcome.success}`)).size;
      expect(kinds(chosen)).toBe(Math.min(most, kinds(index.episodes)));
    }
  });
});

describe('the page of a card', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await sharedBrowser();
  });

  it.each([
    [1200, 'light'],
    [390, 'dark'],
  ] as const)('shows everything and fits, %i px wide, %s', async (width, scheme) => {
    await openPage(browser, renderCard(await sampleCard(12, 4)), width, scheme, async (page) => {
      expect(await page.locator('h1').innerText()).toBe('boxes');
      expect(await page.locator('.film').count()).toBe(4);
      expect(await page.locator('.film').first().locator('.strip').count()).toBe(2);
      expect(await page.locator('.film').first().locator('img').count()).toBe(16);
      expect(await page.locator('.film').first().locator('.timeline .span').count()).toBe(3);
      expect(await page.locator('#all tbody tr').count()).toBe(12);
      expect(await page.locator('#removed tbody tr').count()).toBe(1);
      for (const id of ['limits', 'success', 'distributions', 'quality', 'splits', 'lineage']) {
        expect(await page.locator(`#${id} h2`).count(), id).toBe(1);
      }
      const images = await page.$$eval('img', (all) => all.map((image) => image.getAttribute('src')?.slice(0, 22)));
      expect(new Set(images)).toEqual(new Set(['data:image/jpeg;base64']));
    });
  });

  it('shows text of any kind as text', async () => {
    const html = renderCard(await sampleCard(6, 3, HOSTILE));
    expect(html).not.toContain('<script>window.broken');
    expect(html).not.toContain('<img src=x');
    await openPage(browser, html, 800, 'light', async (page) => {
      expect(await page.locator('h1').innerText()).toContain('<script>window.broken=1</script>');
      expect(await page.evaluate('window.broken')).toBeUndefined();
      expect(await page.locator('img[src="x"]').count()).toBe(0);
      expect(await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content')).toMatch(
        /default-src 'none'/,
      );
    });
  });

  it('stays small however many episodes there are', async () => {
    const html = renderCard(await sampleCard(3000, 24));
    expect(html.length).toBeLessThan(4e6);
    expect(html).toContain('and 1000 more');
  });
});
