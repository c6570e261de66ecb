import type { Browser } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedBrowser } from '../../test/support/browser.ts';
import { openPage } from '../../test/support/opened_page.ts';
import { sampleQuality } from '../../test/support/sample_quality.ts';
import { renderQuality } from './index.ts';

const HOSTILE = `</script><script>window.broken=1</script><img src=x onerror="window.broken=2">'"><b>&amp;\u2028`;

/** Of every episode: its id, rows, marks on its lanes, plots. */
const SECTIONS = `[...document.querySelectorAll('section[id^="episode-"]')].map((section) => [section.id, ...['tbody tr', '.lane i',
  '.sketch svg'].map((name) => section.querySelectorAll(name).length)])`;
/** Marks that stand out of their lane, and plots out of their frame. */
const OUTSIDE = `[...document.querySelectorAll('.lane i, .sketch svg')].filter((each) => {
  const [inner, outer] = [each.getBoundingClientRect(), each.parentElement.getBoundingClientRect()];
  return inner.left < outer.left - 0.5 || inner.right > outer.right + 3;
}).length`;

describe('the page of quality', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await sharedBrowser();
  });

  it.each([
    [1200, 'light'],
    [390, 'dark'],
  ] as const)('shows everything and fits, %i px wide, %s', async (width, scheme) => {
    const { index, examined } = sampleQuality();
    await openPage(browser, renderQuality(index, examined), width, scheme, async (page) => {
      expect(await page.locator('h1').innerText()).toBe('cups');
      const found = examined
        .filter(({ observations }) => observations.length > 0)
        .sort((a, b) => a.score - b.score || (a.episode.id < b.episode.id ? -1 : 1));
      const shown = await page.evaluate(SECTIONS);
      expect(shown).toEqual(
        found.map(({ episode, observations }) => [
          `episode-${episode.id}`,
          observations.length,
          observations.length,
          Math.min(12, observations.filter(({ plot }) => plot !== undefined).length),
        ]),
      );
      expect(await page.evaluate(OUTSIDE)).toBe(0);
      const tiles = await page.locator('.tiles li b').allInnerTexts();
      expect(tiles[0]).toBe('6');
      expect(tiles[2]).toBe(String(6 - found.length));
      expect(await page.locator('svg.chart').first().locator('rect.bar').count()).toBe(20);
    });
  });

  it('shows text of any kind as text', async () => {
    const { index, examined } = sampleQuality(HOSTILE);
    const html = renderQuality(index, examined);
    expect(html).not.toContain('<script>window.broken');
    expect(html).not.toContain('<img src=x');
    await openPage(browser, html, 800, 'light', async (page) => {
      expect(await page.evaluate('window.broken')).toBeUndefined();
      expect(await page.locator('img').count()).toBe(0);
    });
  });

  it('says so where there is nothing to find, and stays small however many episodes there are', () => {
    const { index, examined } = sampleQuality();
    const [good, , bad] = examined;
    expect(renderQuality(index, [good])).toContain('Nothing was found.');
    expect(renderQuality(index, [])).toContain('Nothing was found.');
    const many = Array.from({ length: 2000 }, (_, k) => ({ ...bad, episode: { ...bad.episode, id: `e-${k}` } }));
    expect(renderQuality(index, many).length).toBeLessThan(2e7);
  });
});
