import type { Confidence, Detection } from '../../contracts/index.ts';
import type { DecisionCosts } from './costs.ts';
import { acceptThreshold, decide, type Inquiry } from './decide.ts';

/** Ways to learn more that whoever reads detections has: another look, and a person. */
export const DEFAULT_INQUIRIES: readonly Inquiry[] = ['look_again', 'escalate'];

const PHRASES = { box: 'a box', cylinder: 'a cylinder', unknown: 'none of these' } as const;
const WAYS = { look_again: 'another view', ask_full: 'the full model', escalate: 'a person' } as const;

/**
 * The verdict of least expected cost on a detection, and why it is not `accept`. What is best left alone and asked of
 * nobody is `look_again`: a later view may show more.
 * @param score  calibrated probability that it is right
 * @param possible  what it may be
 */
export function verdictOn(
  { class: kind, score }: Pick<Detection, 'class' | 'score'>,
  possible: Confidence['possible'],
  costs: DecisionCosts,
  inquiries: readonly Inquiry[],
): Pick<Confidence, 'verdict' | 'reason'> {
  const { action, cost_s, accept_cost_s } = decide(score, costs, inquiries);
  if (action === 'accept') return { verdict: 'accept', reason: '' };
  const least = acceptThreshold(costs, inquiries);
  const others = possible.filter((name) => name !== kind);
  const also = others.length === 0 ? '' : `; it may be ${others.map((name) => PHRASES[name]).join(' or ')}`;
  const doubt = `${PHRASES[kind]} with a probability of ${score.toFixed(3)}, taken from ${least.toFixed(3)} on${also}`;
  if (action === 'skip') return { verdict: 'look_again', reason: `${doubt}: best left unless another view shows more` };
  const saving = `costs ${cost_s.toFixed(1)} s on average, a pick now ${accept_cost_s.toFixed(1)} s`;
  return { verdict: action, reason: `${doubt}: ${WAYS[action]} ${saving}` };
}
