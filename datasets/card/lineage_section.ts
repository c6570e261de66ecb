import type { Product } from '../dataset/schema.ts';
import { type Html, html } from '../report/escape.ts';
import { plural } from '../report/format.ts';
import type { CardFacts } from './card_facts.ts';
import { more } from './sections.ts';

const MOST = 12;

/** Where it comes from and where it went: runs and parents, the dataset, exports and models. */
export function lineageSection({ lineage, name, revision, kind, episodes, tombstones }: CardFacts): Html {
  const { parents, runs, models, products } = lineage;
  const from = [
    ...parents.map((parent) => node('dataset', parent.name, `revision ${parent.revision}`, parent.id)),
    ...Object.entries(runs).map(([run, count]) => node('run', run, plural(count, 'episode'), '')),
    ...Object.entries(models).map(([sha256, count]) =>
      node('model that acted', short(sha256), plural(count, 'episode'), sha256),
    ),
  ];
  return html`<section class="panel" id="lineage"><h2>Lineage</h2>
<div class="flow"><ul>${from.slice(0, MOST)}${left(from.length)}</ul>
<ul class="here">${[node(kind, name, `${kind === 'run' ? '' : `revision ${revision}, `}${plural(episodes, 'episode')}`, '')]}</ul>
<ul>${products.length === 0 ? html`<li class="empty">nothing was made from it yet</li>` : html`${products.slice(0, MOST).map(product)}${left(products.length)}`}</ul></div>
</section>
${tombstones.length === 0 ? null : removed(tombstones)}`;
}

function node(kind: string, name: string, told: string, title: string): Html {
  return html`<li title="${title}"><span>${kind}</span><b>${name}</b><small>${told}</small></li>`;
}

function product({ kind, told, format, episodes, revision, tainted_by, made_at }: Product): Html {
  const spoilt = tainted_by.length > 0;
  return html`<li class="${spoilt ? 'spoilt' : ''}" title="${told}"><span>${kind} ${format}</span><b>${short(told)}</b>
<small>${plural(episodes.length, 'episode')} of revision ${revision}, ${made_at.slice(0, 10)}${spoilt ? html`; <em>still holds ${plural(tainted_by.length, 'removed episode')}</em>` : null}</small></li>`;
}

function removed(tombstones: CardFacts['tombstones']): Html {
  return html`<section class="panel" id="removed"><h2>Removed</h2><div class="over"><table class="small"><thead><tr><th scope="col">episode</th><th scope="col">when</th><th scope="col">by</th><th scope="col">why</th><th scope="col">was used by</th><th scope="col">SHA-256</th></tr></thead>
<tbody>${tombstones.slice(0, 200).map(({ id, removed_at, who, why, used_by, sha256 }) => html`<tr><td>${id}</td><td>${removed_at.slice(0, 10)}</td><td>${who}</td><td>${why}</td><td>${used_by.join(', ') || '–'}</td><td><code title="${sha256}">${sha256.slice(0, 12)}…</code></td></tr>`)}</tbody></table></div>${more(tombstones.length - 200)}</section>`;
}

function left(count: number): Html | null {
  return count <= MOST ? null : html`<li class="empty">and ${count - MOST} more</li>`;
}

/** A hash by its first digits, anything else as it is. */
const short = (text: string): string => (/^[0-9a-f]{64}$/.test(text) ? `${text.slice(0, 12)}…` : text);
