import { Html, html, scriptJson } from './escape.ts';
import { plural } from './format.ts';
import { reportAsset, selfContainedPage } from './page.ts';

/** An entry of an audit log as the page shows it. */
export interface SafetyEvent {
  readonly log: string;
  readonly sequence: number;
  readonly time_s: number;
  readonly kind: string;
  readonly rule: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outcome: string;
}

/** Samples of the gate's state, on the time of one log; columns of equal length. */
export interface SafetySeries {
  readonly log: string;
  readonly t_s: readonly number[];
  /** Distance of the arm to the nearest body and the least that would do, m; null for none. */
  readonly separation_m: readonly (number | null)[];
  readonly protective_distance_m: readonly (number | null)[];
  /** Share of the usual speed, 0..1. */
  readonly pace: readonly number[];
}

export interface SafetyReport {
  readonly title: string;
  readonly logs: readonly {
    readonly name: string;
    readonly file: string;
    readonly events: readonly SafetyEvent[];
    readonly findings: readonly string[];
  }[];
  readonly series: readonly SafetySeries[];
}

const STYLES = `
.lanes{display:grid;grid-template-columns:minmax(9rem,auto) 1fr;gap:4px 12px;align-items:center;margin:12px 0 24px}
.lanes .lane{position:relative;height:16px;background:var(--line);border-radius:4px;overflow:hidden}
.lanes .lane i{position:absolute;top:0;bottom:0;min-width:2px;background:var(--accent)}
.lanes .lane i.bad{background:var(--bad)}
.lanes .axis{display:flex;justify-content:space-between;color:var(--soft);font-size:12px}
.events{width:100%;border-collapse:collapse}.events th,.events td{text-align:left;vertical-align:top;padding:4px 10px 4px 0;border-bottom:1px solid var(--line)}
.events td.inputs{overflow-wrap:anywhere;font-size:13px;color:var(--soft)}
.events tr.bad td.rule{color:var(--bad);font-weight:600}`;

/** Kinds that stop or limit, or should never be. */
const GRAVE = ['stop_requested', 'fault', 'tampering', 'intervention'];

/** What gate and supervisor did, as one page that needs nothing else. */
export function renderSafetyReport(report: SafetyReport): string {
  const { logs, series } = report;
  const events = logs.flatMap((log) => log.events);
  const count = (kind: string) => events.filter((event) => event.kind === kind).length;
  const tiles: [number, string][] = [
    [count('intervention'), 'interventions'],
    [count('stop_requested'), 'stops asked for'],
    [count('degradation'), 'degradations'],
    [count('reset'), 'resets'],
    [count('approval'), 'approvals'],
    [count('tampering'), 'signs of tampering'],
  ];
  const broken = logs.flatMap(({ file, findings }) => findings.map((finding) => `${file}: ${finding}`));
  const body = html`<main>
<header class="page"><p class="kind">surepick · safety</p><h1>${report.title}</h1>
${broken.length === 0 ? html`<p>${plural(logs.length, 'log')}, ${plural(events.length, 'entry', 'entries')}; their chains hold.</p>` : broken.map((text) => html`<p class="failure">${text}</p>`)}
<ul class="tiles">${tiles.map(([value, name]) => html`<li><b>${value}</b><span>${name}</span></li>`)}</ul></header>
${logs.map((log) => section(log.name, log.events, series))}
</main>
<footer>Stops and limits shown here are software only; they do not replace a safety-rated controller.</footer>
${series.map((of, index) => new Html(`<script type="application/json" id="series-${index}">${scriptJson(of)}</script>`))}`;
  return selfContainedPage({
    title: `${report.title} · surepick safety`,
    body,
    scripts: [reportAsset('safety_client.js')],
    styles: STYLES,
  });
}

function section(name: string, events: readonly SafetyEvent[], series: readonly SafetySeries[]): Html {
  const plots = series.flatMap(({ log }, index) => (log === name ? [index] : []));
  return html`<section class="episode"><h2>${name}</h2>
${lanes(events)}
${plots.map((index) => html`<div class="plots"><figure><figcaption>Pace, and distance to the nearest body and the least that would do, m</figcaption><div class="plot" data-series="${index}"></div></figure></div>`)}
<div class="scroll"><table class="events"><thead><tr><th>at</th><th>what</th><th>rule</th><th>outcome</th><th>inputs</th></tr></thead>
<tbody>${events.map(row)}</tbody></table></div></section>`;
}

function row({ time_s, kind, rule, outcome, inputs, sequence }: SafetyEvent): Html {
  return html`<tr class="${GRAVE.includes(kind) ? 'bad' : ''}" id="entry-${sequence}"><td>${`${time_s.toFixed(3)} s`}</td><td>${kind.replaceAll('_', ' ')}</td><td class="rule">${rule}</td><td>${outcome}</td><td class="inputs">${inputsText(inputs)}</td></tr>`;
}

function inputsText(inputs: Readonly<Record<string, unknown>>): string {
  return Object.entries(inputs)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('; ');
}

/** A lane a rule over the time of the log: interventions as long as they were, all else as marks. */
function lanes(events: readonly SafetyEvent[]): Html | null {
  const shown = events.filter(({ kind }) => kind !== 'start' && kind !== 'end');
  if (shown.length === 0) return null;
  const spans = shown.map((event) => ({ event, ...spanOf(event) }));
  const from = Math.min(...events.map(({ time_s }) => time_s), ...spans.map((span) => span.from));
  const length = Math.max(
    1e-9,
    Math.max(...events.map(({ time_s }) => time_s), ...spans.map((span) => span.to)) - from,
  );
  const at = (seconds: number) => `${((100 * seconds) / length).toFixed(3)}%`;
  const rules = [...new Set(shown.map(({ rule }) => rule))];
  const marks = (rule: string) =>
    spans
      .filter(({ event }) => event.rule === rule)
      .map(
        (span) =>
          html`<i class="${GRAVE.includes(span.event.kind) ? 'bad' : ''}" style="left:${at(span.from - from)};width:${at(span.to - span.from)}" title="${`${span.from.toFixed(3)} s: ${span.event.outcome}`}"></i>`,
      );
  return html`<div class="lanes" role="img" aria-label="events by rule over time">${rules.map((rule) => html`<code>${rule}</code><span class="lane">${marks(rule)}</span>`)}<span></span><span class="axis"><span>${`${from.toFixed(1)} s`}</span><span>${`${(from + length).toFixed(1)} s`}</span></span></div>`;
}

function spanOf({ time_s, inputs }: SafetyEvent): { readonly from: number; readonly to: number } {
  const { start_s, end_s } = inputs;
  const spans = typeof start_s === 'number' && typeof end_s === 'number';
  return spans ? { from: start_s, to: end_s } : { from: time_s, to: time_s };
}
