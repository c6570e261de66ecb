import { type Change, type Difference, differenceOf, type FieldDifference } from './difference.ts';
import type { OutletRule } from './subject.ts';

/** What changes of an outlet: fewer purposes or licences, no people and a folder further down are tighter. */
export function outletDifference(from: OutletRule, to: OutletRule): Difference {
  const fields: FieldDifference[] = [];
  const add = (field: keyof OutletRule, change: Change): void => {
    if (JSON.stringify(from[field]) !== JSON.stringify(to[field]))
      fields.push({ field: `rule.${field}`, from: from[field], to: to[field], change });
  };
  add('destination', isBelow(to.destination, from.destination) ? 'tighter' : 'looser');
  add('purposes', isWithin(to.purposes, from.purposes) ? 'tighter' : 'looser');
  add('licences', isWithin(to.licences, from.licences) ? 'tighter' : 'looser');
  add('people', to.people ? 'looser' : 'tighter');
  return differenceOf(fields);
}

function isWithin(few: readonly string[] | null, many: readonly string[] | null): boolean {
  return many === null || (few?.every((one) => many.includes(one)) ?? false);
}

/** By whole segments, and with nothing in it that leads out again. */
function isBelow(inner: string, outer: string): boolean {
  const folder = outer.endsWith('/') ? outer : `${outer}/`;
  return inner.startsWith(folder) && !inner.split(/[/\\]/).includes('..') && !/%2e|%2f/i.test(inner);
}
