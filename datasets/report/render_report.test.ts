import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedBrowser } from '../../test/support/browser.ts';
import { sampleRun } from '../../test/support/sample_run.ts';
import type { EpisodeRecord, RunRecord } from '../run/run_record.ts';
import { renderReport } from './render_report.ts';

const HOSTILE = `</script><script>window.broken=1</script><img src=x onerror="window.broken=2">'"><b>&amp;\u2028`;

describe('the report', () => {
  it('is the same for the same run, says what was run, and stays small', async () => {
    const run = await sampleRun(10);
    const page = renderReport(run);
    expect(renderReport(run)).toBe(page);
    expect(page.length).toBeLessThan(3e6);
    for (const text of [run.run_id, run.command, run.digest, run.model?.sha256 ?? '', '70 %', '39 % to 86 %']) {
      expect(page).toContain(text);
    }
  });

  it('names nothing that lies elsewhere', async () => {
    const page = renderReport(await sampleRun(2));
    const links = [...page.matchAll(/\b(?:src|href|action|poster|data)="([^"]*)"/g)].map((match) => match[1]);
    expect(links.length).toBeGreaterThan(4);
    expect(links.filter((link) => !/^(#|data:|episodes\/)/.test(link))).toEqual([]);
    expect(page).not.toMatch(/@import|url\((?!['"]?data:)/);
  });
});

describe('the report in a browser', () => {
  let browser: Browser;
  const folder = mkdtempSync(join(tmpdir(), 'surepick-report-'));
  beforeAll(async () => {
    browser = await sharedBrowser();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Opens the report of a run; afterwards nothing may have gone wrong and nothing have been fetched. */
  async function open(run: RunRecord, look: (page: Page) => Promise<void>, options: BrowserContextOptions = {}) {
    const file = join(folder, 'report.html');
    writeFileSync(file, renderReport(run));
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const [problems, requests]: [string[], string[]] = [[], []];
    page.on('console', (message) => problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
    const url = pathToFileURL(file).href;
    await page.goto(url);
    await look(page);
    expect(problems).toEqual([]);
    expect(requests.filter((request) => request !== url && !request.startsWith('data:'))).toEqual([]);
    await context.close();
  }

  const paintedPlots = (page: Page) =>
    page.$$eval('canvas', (canvases) =>
      canvases.map((canvas) => {
        const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
        const colours = new Set<number>();
        for (let i = 0; i < data.length; i += 4)
          if (data[i + 3] > 0) colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
        return colours.size;
      }),
    );

  it.each(['light', 'dark'] as const)(
    'shows every episode with pictures, overlays, stages and plots (%s)',
    async (colorScheme) => {
      const run = await sampleRun(4);
      await open(
        run,
        async (page) => {
          expect(await page.title()).toContain('3 of 4 succeeded');
          expect(await page.locator('h1').innerText()).toBe('3 of 4 episodes succeeded');
          expect(await page.locator('#summary tbody tr').count()).toBe(4);
          for (const { index, stages, object, recording } of run.episodes) {
            const episode = page.locator(`#episode-${index}`);
            await episode.scrollIntoViewIfNeeded();
            await episode.locator('canvas').nth(1).waitFor();
            expect(await episode.locator('.object').innerText()).toBe(object);
            expect(await episode.locator('.timeline .span').count()).toBe(stages.length);
            expect(await episode.locator('.overlay .edge').count()).toBe(2);
            expect(await episode.locator('.overlay text').first().textContent()).toBe('red box 0.97');
            expect(await episode.locator('.recording a').getAttribute('href')).toBe(`episodes/${recording}`);
          }
          const widths = await page.$$eval('img', (images) =>
            images.map((image) => image.complete && image.naturalWidth),
          );
          expect(widths).toEqual(Array.from({ length: 8 }, () => 320));
          const plots = await paintedPlots(page);
          expect(plots).toHaveLength(8);
          expect(Math.min(...plots)).toBeGreaterThan(20);
          expect(await page.locator('#episode-2 .failure').innerText()).toContain('the object slipped');
          const paper = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
          expect(paper).toBe(colorScheme === 'dark' ? 'rgb(16, 18, 22)' : 'rgb(245, 246, 248)');
        },
        { colorScheme },
      );
    },
  );

  it('draws an overlay where its object lies in the picture', async () => {
    await open(await sampleRun(1), async (page) => {
      const image = await page.locator('.frame img').first().boundingBox();
      const edge = await page.locator('.overlay .edge').first().boundingBox();
      if (image === null || edge === null) throw new Error('not drawn');
      const scale = image.width / 320;
      expect(Math.abs((edge.x - image.x) / scale - 128)).toBeLessThan(1.5);
      expect(Math.abs((edge.y - image.y) / scale - 90)).toBeLessThan(1.5);
      expect(Math.abs(edge.width / scale - 44)).toBeLessThan(2);
    });
  });

  it('sorts its table and hides successes on request', async () => {
    await open(await sampleRun(6), async (page) => {
      const column = (n: number) =>
        page.$$eval(`#summary tbody td:nth-child(${n})`, (cells) => cells.map((c) => c.textContent));
      const heading = page.locator('#summary th', { hasText: 'off target' }).locator('button');
      await heading.click();
      const up = (await column(5)).map((text) => Number.parseFloat(text ?? ''));
      expect(up).toEqual([...up].sort((a, b) => a - b));
      await heading.click();
      expect((await column(5)).map((text) => Number.parseFloat(text ?? ''))).toEqual([...up].reverse());
      await page.locator('#only-failures').check();
      expect(await page.locator('#summary tbody tr:visible').count()).toBe(2);
      expect(await page.locator('article.episode:visible').count()).toBe(2);
    });
  });

  it('shows hostile text as text', async () => {
    const run = await sampleRun(1);
    await open(hostileRun(run), async (page) => {
      expect(await page.evaluate<boolean>("'broken' in window")).toBe(false);
      expect(await page.locator('#episode-0 .failure').innerText()).toContain(HOSTILE.replace('\u2028', ''));
      expect(await page.locator('#episode-0 .object').textContent()).toBe(HOSTILE);
      expect(await page.locator('img[src="x"]').count()).toBe(0);
      await page.locator('#episode-0 .plots').scrollIntoViewIfNeeded();
      await page.locator('#episode-0 canvas').nth(1).waitFor();
    });
  });

  it('stands without episodes, interrupted, without pictures, samples and finite numbers', async () => {
    const run = await sampleRun(0);
    await open({ ...run, interrupted: true, model: null, digest: '' }, async (page) => {
      expect(await page.locator('h1').innerText()).toBe('No episode was finished');
      expect(await page.locator('.notice').innerText()).toContain('interrupted');
      expect(await page.locator('#facts').innerText()).toContain('none');
    });
    expect(renderReport({ ...run, model: null, degraded_reason: 'model.onnx: missing' })).toContain(
      'model.onnx: missing',
    );
    const [episode] = (await sampleRun(1)).episodes;
    const bare: EpisodeRecord = {
      ...episode,
      ...{ images: [], time_s: [], joint_position: [], tool_speed: [], stages: [], latency: {}, checks: {} },
      ...{ success: false, stage: '', reason: '', recording: '', placement_error_m: Number.NaN },
    };
    await open({ ...run, wilson95: [0, 1], episodes: [bare] }, async (page) => {
      expect(await page.locator('#episode-0').innerText()).toContain('– from the target');
      expect(await page.locator('main').innerHTML()).not.toMatch(/NaN|undefined|Infinity/);
    });
  });

  it('opens 100 episodes at once and draws only what is in view', async () => {
    const run = await sampleRun(100);
    const size = renderReport(run).length;
    expect(size).toBeLessThan(20e6);
    await open(run, async (page) => {
      const drawn = await page.locator('canvas').count();
      expect(drawn).toBeLessThan(12);
      await page.locator('#episode-99').scrollIntoViewIfNeeded();
      await page.locator('#episode-99 canvas').nth(1).waitFor();
    });
  });

  it('fits a phone and prints with every plot', async () => {
    await open(
      await sampleRun(3),
      async (page) => {
        const [page_width, content] = await page.evaluate<[number, number]>(
          '[innerWidth, document.documentElement.scrollWidth]',
        );
        expect(content).toBeLessThanOrEqual(page_width);
        await page.evaluate("dispatchEvent(new Event('beforeprint'))");
        expect(await page.locator('canvas').count()).toBe(6);
        expect(Math.min(...(await paintedPlots(page)))).toBeGreaterThan(20);
      },
      { viewport: { width: 390, height: 844 } },
    );
  });
});

/** Every string of a run replaced by one that tries to break out of its place. */
function hostileRun(run: RunRecord): RunRecord {
  const [episode] = run.episodes;
  const names = (record: Readonly<Record<string, string | number | boolean>>) =>
    Object.fromEntries(Object.keys(record).map((key) => [`${key}${HOSTILE}`, HOSTILE]));
  return {
    ...run,
    ...{ run_id: HOSTILE, command: HOSTILE, digest: HOSTILE, model: { name: HOSTILE, sha256: HOSTILE } },
    ...{
      options: { ...names(run.options), task: HOSTILE },
      versions: names(run.versions),
      machine: names(run.machine),
    },
    episodes: [
      {
        ...episode,
        ...{ success: false, stage: HOSTILE, reason: HOSTILE, object: HOSTILE, recording: HOSTILE },
        interventions: [{ time_s: 1, reason: HOSTILE }],
        checks: { [HOSTILE]: false },
        stages: [{ name: HOSTILE, start_s: 0, end_s: 2 }],
        joint_names: episode.joint_names.map(() => HOSTILE),
        latency: { [HOSTILE]: { p50_s: 0.1, p95_s: 0.2, calls: 1 } },
        images: episode.images.map((image) => ({
          ...image,
          boxes: image.boxes.map((box) => ({ ...box, label: HOSTILE })),
        })),
      },
    ],
  };
}
