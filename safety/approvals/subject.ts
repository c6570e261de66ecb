import { z } from 'zod';

/** Kinds of things that take effect only with signatures, and that an approver may be allowed to sign for. */
export const SUBJECT_KINDS = [
  'envelope',
  'policy',
  'model',
  'training_data',
  'autonomy',
  'outlet',
  'approvers',
] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** Of these an arm has one; of the others many, told apart by a name, as `model/perception`. */
const SINGLE: readonly SubjectKind[] = ['envelope', 'autonomy', 'approvers'];
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,99}$/;

function isSubject(text: string): boolean {
  const [kind, ...names] = text.split('/');
  const known = SUBJECT_KINDS.find((one) => one === kind);
  if (known === undefined) return false;
  return SINGLE.includes(known) ? names.length === 0 : names.length === 1 && NAME.test(names[0]);
}

const SHAPE = `${SINGLE.join(', ')}; or policy, model, training_data, outlet with /NAME`;
export const subjectSchema = z.string().refine(isSubject, `must be one of: ${SHAPE}`);

/** Of a text that `subjectSchema` takes. */
export function subjectKind(what: string): SubjectKind {
  const kind = SUBJECT_KINDS.find((one) => what === one || what.startsWith(`${one}/`));
  if (kind === undefined) throw new TypeError(`no subject: ${what}`);
  return kind;
}

/**
 * What the arm may do by itself; a later one is the higher. `guided`: nothing without a person who holds the enabling
 * device. `scripted`: planned motion, learned policies are refused. `learned`: learned policies too, under supervision of a
 * person. `unattended`: with nobody there.
 */
export const AUTONOMY_LEVELS = ['guided', 'scripted', 'learned', 'unattended'] as const;
export type AutonomyLevel = (typeof AUTONOMY_LEVELS)[number];

export const autonomyDocument = z
  .strictObject({ schema: z.literal('surepick.autonomy'), version: z.literal(1), level: z.enum(AUTONOMY_LEVELS) })
  .readonly();

/** Where data may go, which of it, and for what. */
export const outletRule = z.strictObject({
  /** An absolute folder, or the beginning of a URL by whole segments. */
  destination: z.string().min(1).max(400),
  /** What it may be used for there; null for anything. */
  purposes: z.array(z.string().min(1).max(100)).max(100).nullable().default(null),
  /** SPDX licences of which one must fit; null for any, none included. */
  licences: z.array(z.string().min(1).max(100)).max(100).nullable().default(null),
  /** Whether data of people or real robots may go there, too. */
  people: z.boolean().default(false),
});
export type OutletRule = Readonly<z.infer<typeof outletRule>>;

/** A network, a policy, a source of training data or a place where data goes, as it is approved. */
export const thingDocument = z
  .strictObject({
    schema: z.enum(['surepick.model', 'surepick.policy', 'surepick.training_data', 'surepick.outlet']),
    version: z.literal(1),
    /** Where it comes from or goes to, for people. */
    told: z.string().min(1).max(500),
    /** SHA-256 of its bytes, or of what describes it; empty where it has none, as a folder for recordings. */
    sha256: z.union([z.string().regex(/^[0-9a-f]{64}$/), z.literal('')]),
    /** Of an outlet for datasets: what may go there. */
    rule: outletRule.optional(),
  })
  .readonly();
export type ThingDocument = z.infer<typeof thingDocument>;
