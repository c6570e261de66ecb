import { plural } from '../report/format.ts';
import type { CardFacts } from './card_facts.ts';

/** One thing to know before a dataset is used. */
export interface Limit {
  readonly weight: 'stop' | 'care' | 'note';
  readonly text: string;
}

/** What follows from a dataset's own facts for who wants to use it, the gravest first. */
export function limitsOfUse(facts: CardFacts): Limit[] {
  const limits = [...signing(facts), ...permission(facts), ...content(facts), ...measuring(facts)];
  const rank = { stop: 0, care: 1, note: 2 };
  return limits.sort((a, b) => rank[a.weight] - rank[b.weight]);
}

function signing({ signature, kind }: CardFacts): Limit[] {
  switch (signature.status) {
    case 'signed':
      return [];
    case 'broken':
      return [{ weight: 'stop', text: 'What is there is not what was signed or listed: see surepick dataset verify.' }];
    case 'unsigned':
      return [{ weight: 'care', text: `Nobody has signed it${kind === 'run' ? '; it is the folder of a run' : ''}.` }];
    case 'not_checked':
      return [{ weight: 'care', text: 'Files and signatures were not checked when this page was made.' }];
  }
}

function permission({ licence, licences, consent, purposes, retained_until, episodes }: CardFacts): Limit[] {
  const limits: Limit[] = [];
  const without = licences['not told'] ?? 0;
  if (licence === '' && without > 0) {
    limits.push({ weight: 'care', text: `No licence is told for ${of(without, episodes)}: it may not be passed on.` });
  }
  const refused = consent.refused ?? 0;
  if (refused > 0) limits.push({ weight: 'stop', text: `Consent was refused for ${of(refused, episodes)}.` });
  const unknown = consent.unknown ?? 0;
  if (unknown > 0) limits.push({ weight: 'care', text: `Nobody knows of consent for ${of(unknown, episodes)}.` });
  const allowed = Object.keys(purposes);
  if (allowed.length > 0) limits.push({ weight: 'care', text: `Some episodes are for ${allowed.join(', ')} only.` });
  if (retained_until !== null) {
    limits.push({ weight: 'care', text: `The first of its episodes must be removed by ${retained_until}.` });
  }
  return limits;
}

function content({ tombstones, lineage, unreadable, masked, episodes }: CardFacts): Limit[] {
  const limits: Limit[] = [];
  const tainted = lineage.products.filter(({ tainted_by }) => tainted_by.length > 0).length;
  if (tainted > 0) {
    limits.push({
      weight: 'stop',
      text: `${plural(tainted, 'export or model', 'exports or models')} still hold removed episodes.`,
    });
  }
  if (tombstones.length > 0) {
    limits.push({
      weight: 'note',
      text: `${plural(tombstones.length, 'episode')} of it ${tombstones.length === 1 ? 'was' : 'were'} removed; copies made before still have them.`,
    });
  }
  const broken = Object.keys(unreadable).length;
  if (broken > 0) limits.push({ weight: 'stop', text: `Not to be read: ${of(broken, episodes)}.` });
  const hidden = Object.keys(masked);
  if (hidden.length > 0) limits.push({ weight: 'note', text: `Parts of pictures were masked: ${hidden.join(', ')}.` });
  const simulated = lineage.sources.simulation ?? 0;
  if (simulated > 0) {
    limits.push({
      weight: 'note',
      text: `From a simulator ${simulated === 1 ? 'is' : 'are'} ${of(simulated, episodes)}: neither pictures nor contact are the world’s.`,
    });
  }
  return limits;
}

function measuring({ splits, leaks, quality, episodes, success }: CardFacts): Limit[] {
  const limits: Limit[] = [];
  const unsplit = splits.none ?? 0;
  if (episodes > 0 && unsplit === episodes) {
    limits.push({ weight: 'note', text: 'It has no split: what is trained on all of it cannot be measured with it.' });
  }
  const grave = leaks.filter(({ severity }) => severity === 'major').length;
  if (grave > 0) limits.push({ weight: 'stop', text: `${plural(grave, 'leak')} between train, validation and test.` });
  if (quality.scored < episodes) {
    limits.push({
      weight: 'note',
      text: `The quality of ${of(episodes - quality.scored, episodes)} was not looked at.`,
    });
  }
  const unjudged = success.all.episodes - success.all.judged;
  if (unjudged > 0) limits.push({ weight: 'note', text: `Whether ${of(unjudged, episodes)} succeeded was not told.` });
  return limits;
}

function of(count: number, episodes: number): string {
  return count === episodes ? `all ${plural(episodes, 'episode')}` : `${count} of ${plural(episodes, 'episode')}`;
}
