import type { RunRecord } from '../run/run_record.ts';
import { COUNTS_STYLES, countsSection } from './counts_section.ts';
import { episodeSection } from './episode_section.ts';
import { Html, html, scriptJson } from './escape.ts';
import { facts, overview, summaryTable } from './overview.ts';
import { reportAsset, selfContainedPage } from './page.ts';
import { plotData } from './series.ts';

/** The report of a run as one HTML page that needs nothing else, pictures included. */
export function renderReport(run: RunRecord): string {
  const data = run.episodes.map(
    (episode) =>
      new Html(
        `<script type="application/json" id="data-${episode.index}">${scriptJson(plotData(episode))}</script>\n`,
      ),
  );
  const body = html`<main>
${overview(run)}
${run.episodes.length === 0 ? null : summaryTable(run.episodes)}
${countsSection(run)}
<section class="list">${run.episodes.map(episodeSection)}</section>
${facts(run)}
</main>
<footer>Stops and limits shown here are software only; they do not replace a safety-rated controller.</footer>
${data}`;
  return selfContainedPage({
    title: `${title(run)} · surepick ${run.run_id}`,
    body,
    scripts: [reportAsset('client.js')],
    styles: COUNTS_STYLES,
  });
}

function title({ episodes }: RunRecord): string {
  return `${episodes.filter((episode) => episode.success).length} of ${episodes.length} succeeded`;
}
