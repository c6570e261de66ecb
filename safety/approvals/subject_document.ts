import { InputError } from '../../contracts/index.ts';
import { parseEnvelope } from '../envelope.ts';
import { documentHash } from '../keys/index.ts';
import { parseApprovers } from './approvers.ts';
import { autonomyDocument, subjectKind, thingDocument } from './subject.ts';

/** Checks that a document is what a subject has. Throws InputError that names the place. */
export function parseSubjectDocument(what: string, document: unknown, where: string): void {
  const kind = subjectKind(what);
  switch (kind) {
    case 'envelope':
      parseEnvelope(document, `${where}: ${what}`);
      return;
    case 'approvers':
      parseApprovers(document, `${where}: ${what}`);
      return;
    case 'autonomy': {
      const { error } = autonomyDocument.safeParse(document);
      if (error !== undefined) throw new InputError(`${where}: ${what}`, error.issues[0].message);
      return;
    }
    case 'policy':
    case 'model':
    case 'training_data':
    case 'outlet': {
      const { data, error } = thingDocument.safeParse(document);
      if (error !== undefined) throw new InputError(`${where}: ${what}`, error.issues[0].message);
      if (data.schema !== `surepick.${kind}`)
        throw new InputError(`${where}: ${what} of schema ${data.schema}`, `surepick.${kind}`);
      if (
        data.rule !== undefined &&
        (kind !== 'outlet' || documentHash(data.rule) !== data.sha256 || data.told !== data.rule.destination)
      )
        throw new InputError(`${where}: ${what}`, 'told and sha256 must be of its rule');
      return;
    }
  }
}
