import { parseEnvelope } from '../envelope.ts';
import { documentHash } from '../keys/index.ts';
import { type Difference, differenceOf, type FieldDifference } from './difference.ts';
import { envelopeDifference } from './envelope_difference.ts';
import { outletDifference } from './outlet_difference.ts';
import type { SubjectDocument } from './request.ts';
import { AUTONOMY_LEVELS, autonomyDocument, subjectKind, thingDocument } from './subject.ts';

/** What changes from one document of a subject to another; `from` is null where nothing is in force. */
export function subjectDifference(what: string, from: SubjectDocument | null, to: SubjectDocument): Difference {
  const kind = subjectKind(what);
  if (from === null) {
    return differenceOf(
      Object.entries(to).map(([field, value]) => ({ field, from: null, to: value, change: 'looser' })),
    );
  }
  if (kind === 'envelope') return envelopeDifference(parseEnvelope(from), parseEnvelope(to));
  if (kind === 'autonomy') {
    const [old, now] = [from, to].map((document) => AUTONOMY_LEVELS.indexOf(autonomyDocument.parse(document).level));
    const change = now < old ? 'tighter' : 'looser';
    return differenceOf(now === old ? [] : [{ field: 'level', from: from.level, to: to.level, change }]);
  }
  const rules = kind === 'outlet' ? [from, to].map((document) => thingDocument.parse(document).rule) : [];
  if (rules[0] !== undefined && rules[1] !== undefined) return outletDifference(rules[0], rules[1]);
  const fields = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return differenceOf(
    fields.flatMap((field): FieldDifference[] => {
      const [old, now] = [from[field] ?? null, to[field] ?? null];
      if (documentHash({ of: old }) === documentHash({ of: now })) return [];
      return [{ field, from: old, to: now, change: 'other' }];
    }),
  );
}

/** Whether `to` allows nothing that `from` refuses; for what is no limit, only where they are the same. */
export function isTighter(what: string, from: SubjectDocument, to: SubjectDocument): boolean {
  return subjectDifference(what, from, to).tighter;
}
