import { Html, html } from '../../datasets/index.ts';
import type { HeldOutReport } from '../../learning/index.ts';
import { type DecisionCosts, type Measured, reliabilitySvg, riskCoverageSvg } from '../../perception/index.ts';

/** What deciding by a model's scores comes to: costs, coverage against risk, and how true the scores are. */
export function decisionSection(model: string, { decisions, calibrated }: HeldOutReport): Html {
  const { costs, cost, ece, area_under_risk, reliability, curve, coverage_at_risk } = decisions;
  const ways = [
    ['least expected cost, asking where it pays', cost.policy_s],
    ['least expected cost, taking or leaving', cost.alone_s],
    ['take all', cost.always_accept_s],
    ['leave all', cost.always_skip_s],
    ['who knows the truth', cost.oracle_s],
  ] as const;
  const actions = Object.entries(cost.actions).filter(([, count]) => count > 0);
  const scores = calibrated
    ? 'Scores are calibrated probabilities.'
    : 'This model has no calibration: its scores are taken as they are, and decisions with them.';
  return html`<section id="decisions"><h2>What deciding by it costs</h2>
<p>${scores} ${priceOf(costs)}</p>
<div class="beside"><table class="narrow"><thead><tr><th>way to decide</th><th class="n">cost of an object</th></tr></thead><tbody>
${ways.map(([name, value]) => html`<tr><th scope="row">${name}</th><td class="n">${value.toFixed(2)} s</td></tr>`)}
</tbody></table><table class="narrow"><thead><tr><th>of it may be wrong</th><th class="n">then so much can be taken</th></tr></thead><tbody>
${coverage_at_risk.map(({ risk, coverage }) => html`<tr><th scope="row">${percent(risk)}</th><td class="n">${percent(coverage)}</td></tr>`)}
</tbody></table></div>
<p>Of ${String(cost.objects)} objects: ${actions.map(([name, count]) => `${name.replaceAll('_', ' ')} ${count}`).join(', ')}; ${String(cost.wrong_picks)} wrong ones taken, ${String(cost.saves)} not taken that taking all would have.</p>
<div class="beside"><figure class="diagram">${new Html(riskCoverageSvg(`${model}: risk and coverage`, curve))}<figcaption>Area under it ${told(area_under_risk)}.</figcaption></figure>
<figure class="diagram">${new Html(reliabilitySvg(`${model}: reliability`, reliability))}<figcaption>Expected calibration error ${told(ece)}, ${String(reliability.length)} bins of equal mass, ${String(ece.count ?? 0)} detections.</figcaption></figure></div>
</section>`;
}

function priceOf({ wrong_pick_s, skip_s, look_again_s, ask_person_s }: DecisionCosts): string {
  return `A wrong pick costs ${wrong_pick_s} s, an object left ${skip_s} s, another look ${look_again_s} s, a question to a person ${ask_person_s} s.`;
}

const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`;

function told({ value, interval95 }: Measured): string {
  const within = interval95 === undefined ? '' : ` (${interval95.map((end) => end.toFixed(4)).join(' to ')})`;
  return `${value.toFixed(4)}${within}`;
}
