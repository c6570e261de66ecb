import { describe, expect, it } from 'vitest';
import { sampleRun } from '../../test/support/sample_run.ts';
import { COUNT_NAMES, type EpisodeCounts, type RunRecord } from '../run/run_record.ts';
import { countsSection } from './counts_section.ts';
import { renderReport } from './render_report.ts';

const COUNTS: EpisodeCounts = {
  ...{ wrong_picks: 0, retries: 1, escalations_asked: 2 },
  ...{ escalations_answered: 2, escalations_overruled: 1, saves: 1 },
};

async function counted(earlier: number): Promise<RunRecord> {
  const run = await sampleRun(4);
  const episodes = run.episodes.map((episode) => ({ ...episode, counts: COUNTS }));
  const before = Array.from({ length: earlier }, (_, k) => ({
    ...{ run_id: `run <${k}>`, episodes: 5, successes: 5 },
    counts: { ...COUNTS, escalations_asked: k },
  }));
  return { ...run, episodes, earlier: before };
}

describe('what a run counted', () => {
  it('is in the report with a plot for every count over the runs before it', async () => {
    const section = countsSection(await counted(3))?.text ?? '';
    for (const name of COUNT_NAMES) expect(section).toContain(`data-count="${name}"`);
    expect(section.match(/<circle/g)).toHaveLength(6 * 4);
    expect(section.match(/class="now"/g)).toHaveLength(6);
    expect(section).toContain('<b>8</b> questions to people');
    expect(section).toContain('this run and 3 earlier runs of the task beside it');
    expect(section).toContain('run &lt;2&gt;: 2 in 5 episodes');
    expect(renderReport(await counted(3))).toContain(section);
  });

  it('puts larger counts higher, and the last run to the right', async () => {
    const section = countsSection(await counted(3))?.text ?? '';
    const plot = section.slice(section.indexOf('data-count="escalations_asked"'));
    const points = [...plot.slice(0, plot.indexOf('</svg>')).matchAll(/cx="([\d.]+)" cy="([\d.]+)"/g)];
    const [x, y] = [1, 2].map((part) => points.map((match) => Number(match[part])));
    expect([...x].sort((a, b) => a - b)).toEqual(x);
    // 0, 0.2, 0.4 and 2 questions an episode
    expect([...y].sort((a, b) => b - a)).toEqual(y);
    expect(new Set(y).size).toBe(4);
  });

  it('is left out of a run whose episodes were not counted, and stands alone in a first one', async () => {
    expect(countsSection(await sampleRun(3))).toBeNull();
    expect(countsSection(await counted(0))?.text).toContain('this run alone: there are no earlier ones beside it');
  });
});
