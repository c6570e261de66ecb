import type { PlanStageRow } from '../../contracts/index.ts';
import { type Html, html } from './escape.ts';
import { plural } from './format.ts';

const REASONS_SHOWN = 3;

/** The stages of an episode's plans as a table that opens on demand: how often each was tried, what it found and missed. */
export function planTable(rows: readonly PlanStageRow[]): Html | null {
  if (rows.length === 0) return null;
  const idle = rows.filter((row) => isIdle(row)).length;
  const note = idle === 0 ? '' : `, ${idle} of them never found anything`;
  return html`<details class="plan"><summary>What planning tried: ${plural(rows.length, 'stage')}${note}</summary>
<div class="scroll"><table class="small">
<thead><tr><th scope="col">stage</th><th scope="col" class="n">tried</th><th scope="col" class="n">solutions</th><th scope="col" class="n">least cost</th><th scope="col">failures</th></tr></thead>
<tbody>${rows.map(
    (
      row,
    ) => html`<tr data-stage="${row.name}"><th scope="row" style="padding-left:${`${row.depth + 0.4}em`}">${row.name} <small>${row.kind}</small></th>
<td class="n">${row.tried}</td><td class="n ${isIdle(row) ? 'bad' : ''}">${row.solutions}</td>
<td class="n">${row.best_cost === null ? '–' : row.best_cost.toFixed(2)}</td><td>${failures(row)}</td></tr>`,
  )}</tbody></table></div></details>`;
}

/** A stage that was tried and found nothing in all plans of the episode, though plans came about. */
const isIdle = ({ tried, solutions }: PlanStageRow): boolean => tried > 0 && solutions === 0;

function failures({ failures: list }: PlanStageRow): string {
  const shown = list.slice(0, REASONS_SHOWN).map(({ reason, count }) => `${count} × ${reason}`);
  const rest = list.slice(REASONS_SHOWN).reduce((sum, { count }) => sum + count, 0);
  return [...shown, ...(rest > 0 ? [`${rest} × others`] : [])].join('; ');
}
