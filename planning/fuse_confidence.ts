import { type Confidence, VERDICTS, type Verdict } from '../contracts/index.ts';

/**
 * What several frames of one object together say of how sure the detector is: the verdict that more than half of them
 * gave or were bolder than, every class that any of them could not rule out, the likeliest first, and the median of what
 * is in view. Frames without a confidence count as sure ones. Null when no frame has one.
 */
export function fuseConfidence(frames: readonly (Confidence | undefined)[]): Confidence | null {
  const known = frames.filter((frame) => frame !== undefined);
  if (known.length === 0) return null;
  const verdict = medianVerdict(frames.map((frame) => frame?.verdict ?? 'accept'));
  const possible = [...new Set(known.flatMap((frame) => frame.possible))];
  const weight = (name: (typeof possible)[number]): number =>
    known.reduce((sum, frame) => sum + (frame.possible.includes(name) ? 1 / (1 + frame.possible.indexOf(name)) : 0), 0);
  const visible = known.map((frame) => frame.visible).sort((a, b) => a - b)[known.length >> 1];
  const reason = verdict === 'accept' ? '' : (known.find((frame) => frame.verdict === verdict)?.reason ?? '');
  return { visible, possible: possible.sort((a, b) => weight(b) - weight(a)), verdict, reason };
}

/** Verdicts are in order of caution; of an even number the more cautious one of the middle two. */
function medianVerdict(verdicts: readonly Verdict[]): Verdict {
  const ranks = verdicts.map((verdict) => VERDICTS.indexOf(verdict)).sort((a, b) => a - b);
  return VERDICTS[ranks[ranks.length >> 1]];
}
