import type { Escalation, EscalationAnswer } from '../../contracts/index.ts';

/**
 * Why an answer is not taken; empty when it is.
 * @param question  the open one of that name; null if there is none
 * @param ended  how a question of that name ended before; empty if there was none
 * @param now_ns  when the answer has come, on the clock that the question's expiry is on
 */
export function refusalOf(
  question: Escalation | null,
  answer: EscalationAnswer,
  { ended, now_ns }: { readonly ended: string; readonly now_ns: bigint },
): string {
  if (question === null) return ended === '' ? 'nobody has asked this' : `the question has ended: ${ended}`;
  if (now_ns > question.expires_ns) return 'it came after the question had expired';
  if (answer.frame_sha256 !== question.frame_sha256) return 'it is about another picture: frame_sha256 differs';
  if (answer.model !== question.model) return `it is about what ${answer.model} saw, and ${question.model} asks`;
  if (!question.options.includes(answer.answer))
    return `'${answer.answer}' is none of the options: ${question.options.join(', ')}`;
  return '';
}
