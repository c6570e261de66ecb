import type { Finding } from '../dataset/schema.ts';

/** What one kind of finding leaves of a score. */
export const LEAVES: Readonly<Record<Finding['severity'], number>> = { note: 0.98, minor: 0.8, major: 0.4 };

/**
 * Score of an episode in 0..1: the product over checks of what the gravest finding of each leaves (0.98 a note, 0.8 a minor,
 * 0.4 a major one); further findings of the same check do not count. 1 is without a finding; one major fault is below 0.5.
 */
export function scoreOf(findings: readonly Pick<Finding, 'check' | 'severity'>[]): number {
  const worst = new Map<string, number>();
  for (const { check, severity } of findings) worst.set(check, Math.min(worst.get(check) ?? 1, LEAVES[severity]));
  const score = [...worst.values()].reduce((product, left) => product * left, 1);
  return Math.round(score * 1e4) / 1e4;
}
