import { DUPLICATE_CHECK, duplicateDetail } from '../selection/close_pairs.ts';
import { type Fingerprint, likeness, NEAR } from './fingerprint.ts';
import type { Observation } from './observation.ts';

/** Episodes that are another one again, to the byte or nearly: each is told which earlier one it is like. By id. */
export function findDuplicates(prints: readonly Fingerprint[]): ReadonlyMap<string, readonly Observation[]> {
  const found = new Map<string, readonly Observation[]>();
  const by_duration = [...prints].sort((a, b) => a.duration_s - b.duration_s || (a.id < b.id ? -1 : 1));
  for (const [k, later] of by_duration.entries()) {
    for (let j = k - 1; j >= 0; j--) {
      const earlier = by_duration[j];
      if (later.duration_s - earlier.duration_s > NEAR.duration * later.duration_s + 0.05) break;
      const observation = compared(later, earlier);
      if (observation === null) continue;
      found.set(later.id, [observation]);
      break;
    }
  }
  return found;
}

function compared(one: Fingerprint, other: Fingerprint): Observation | null {
  const span = { from_s: 0, to_s: one.duration_s };
  if (one.sha256 === other.sha256) {
    const detail = duplicateDetail(other.id, 'equal to the byte');
    return { check: DUPLICATE_CHECK, severity: 'major', detail, fix: 'drop', ...span };
  }
  const near = likeness(one, other);
  if (near === null) return null;
  const told = `joints ${near.way_rad.toFixed(4)} rad apart (${NEAR.way_rad} or less is the same), pictures ${near.bits.toFixed(1)} bits of 64 (${NEAR.bits})`;
  return {
    check: DUPLICATE_CHECK,
    severity: 'minor',
    detail: duplicateDetail(other.id, told),
    fix: 'keep one, or keep both in one part of the split',
    ...span,
  };
}
