import { html } from '../report/escape.ts';
import { reportAsset, selfContainedPage } from '../report/page.ts';
import { type CardContent, cardFacts } from './card_facts.ts';
import { episodeTable, filmCard, pictureNote } from './episode_section.ts';
import { lineageSection } from './lineage_section.ts';
import { distributionSection, heading, qualitySection, splitSection, successSection } from './sections.ts';

const LINKS = ['episodes', 'success', 'distributions', 'quality', 'splits', 'lineage', 'all'];

/** A dataset as one HTML page that needs nothing else, pictures included. */
export function renderCard(content: CardContent): string {
  const { dataset, looks, unreadable } = content;
  const { episodes } = dataset.index;
  const facts = cardFacts(content);
  const films = episodes.flatMap((episode) => {
    const look = looks.get(episode.id);
    return look === undefined || look.strips.length === 0 ? [] : [filmCard(episode, look)];
  });
  const pictured = new Set(episodes.map(({ id }) => id).filter((id) => (looks.get(id)?.strips.length ?? 0) > 0));
  const scores = episodes.flatMap(({ quality }) => (quality === null ? [] : [quality.score]));
  const body = html`<main>
${heading(facts)}
<nav class="jump">${LINKS.map((name) => html`<a href="#${name}">${name === 'all' ? 'all episodes' : name}</a>`)}</nav>
<section id="episodes"><div class="bar"><h2>Episodes</h2><span class="told">${pictureNote(films.length, episodes.length)}</span></div>${films}</section>
${successSection(facts)}
${distributionSection(
  facts,
  episodes.map(({ duration_s }) => duration_s),
)}
${qualitySection(facts, scores)}
${splitSection(facts)}
${lineageSection(facts)}
${episodeTable(episodes, pictured, unreadable)}
</main>
<footer>Made by surepick from ${dataset.kind === 'run' ? 'the manifest' : 'the index'} and the recordings it names.</footer>`;
  return selfContainedPage({
    title: `${facts.name} · dataset card`,
    body,
    scripts: [],
    // What holds for narrow screens and paper comes last.
    styles: reportAsset('../card/film.css') + reportAsset('../card/card.css'),
  });
}
