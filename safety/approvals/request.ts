import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { documentHash } from '../keys/index.ts';
import { subjectSchema } from './subject.ts';
import { parseSubjectDocument } from './subject_document.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const document = z.record(z.string(), z.json());

/** Longest that an approval may hold, days: what nobody looks at any more must not go on for ever. */
export const LONGEST_DAYS = 366;
const DAY_MS = 86_400_000;

/** The one arm that an approval is for; an empty serial is any arm of that description. */
export const robotIdentity = z
  .strictObject({ name: z.string().min(1), serial: z.string(), urdf_sha256: sha256 })
  .readonly();
export type RobotIdentity = z.infer<typeof robotIdentity>;

/** What is signed. */
export const statementSchema = z
  .strictObject({
    what: subjectSchema,
    /** Of the documents' canonical JSON; `in_force_sha256` is empty where nothing is in force. */
    in_force_sha256: z.union([sha256, z.literal('')]),
    new_sha256: sha256,
    robot: robotIdentity,
    author: z.string().min(1).max(200),
    reason: z.string().min(1).max(1000),
    from: z.iso.datetime(),
    until: z.iso.datetime(),
    /** 128 bits of chance, hex: it counts once. */
    nonce: z.string().regex(/^[0-9a-f]{32}$/),
  })
  .readonly();
export type Statement = z.infer<typeof statementSchema>;

const requestSchema = z
  .strictObject({
    schema: z.literal('surepick.request'),
    version: z.literal(1),
    statement: statementSchema,
    /** The documents themselves, so that a person can see what changes; null where nothing is in force. */
    in_force: document.nullable(),
    proposed: document,
  })
  .readonly();
export type ApprovalRequest = z.infer<typeof requestSchema>;

/** A document that can be approved: JSON, an object. */
export type SubjectDocument = Readonly<z.infer<typeof document>>;

/** A value as such a document. Throws InputError where it is none. */
export function documentOf(value: object): SubjectDocument {
  const { data } = document.safeParse(JSON.parse(JSON.stringify(value)));
  if (data === undefined) throw new InputError('document', 'must be a JSON object');
  return data;
}

export interface Proposal {
  readonly what: string;
  readonly robot: RobotIdentity;
  readonly in_force: SubjectDocument | null;
  readonly proposed: SubjectDocument;
  readonly author: string;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly from_ms: number;
  readonly until_ms: number;
}

/** A request with a new nonce. Throws InputError for what cannot be one. */
export function makeRequest(proposal: Proposal): ApprovalRequest {
  const { what, robot, in_force, proposed, author, reason, from_ms, until_ms } = proposal;
  const statement = {
    ...{ what, robot, author, reason },
    in_force_sha256: in_force === null ? '' : documentHash(in_force),
    new_sha256: documentHash(proposed),
    from: new Date(from_ms).toISOString(),
    until: new Date(until_ms).toISOString(),
    nonce: randomBytes(16).toString('hex'),
  };
  return parseRequest({ schema: 'surepick.request', version: 1, statement, in_force, proposed }, 'request');
}

/**
 * Reads a request and checks that it holds together: its documents are of their kind and of the hashes told, and it has a
 * time. Throws InputError that names the place.
 */
export function parseRequest(json: unknown, where: string): ApprovalRequest {
  const { data, error } = requestSchema.safeParse(json);
  if (error !== undefined)
    throw new InputError(`${where}: ${error.issues[0].path.join('.') || 'document'}`, error.issues[0].message);
  const { statement, in_force, proposed } = data;
  const { from, until, what } = statement;
  if (documentHash(proposed) !== statement.new_sha256)
    throw new InputError(`${where}: proposed`, 'must be of the hash new_sha256; it was changed');
  if ((in_force === null ? '' : documentHash(in_force)) !== statement.in_force_sha256)
    throw new InputError(`${where}: in_force`, 'must be of the hash in_force_sha256; it was changed');
  const days = (Date.parse(until) - Date.parse(from)) / DAY_MS;
  if (!(days > 0 && days <= LONGEST_DAYS))
    throw new InputError(`${where}: from ${from} until ${until}`, `must be over 0 and at most ${LONGEST_DAYS} days`);
  for (const each of [in_force, proposed]) if (each !== null) parseSubjectDocument(what, each, where);
  return data;
}
