import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';

const positive = z.number().positive();

/** What a contact with one region of the body may bring, and how that region gives way. */
const contactRegion = z
  .strictObject({
    region: z.string().trim().min(1),
    /** Greatest force of a contact that lasts or clamps, N. */
    quasi_static_force_N: positive,
    /** Greatest force of the first moments of a contact: in N, or as a multiple of the other. */
    transient_force_N: positive.optional(),
    transient_factor: z.number().min(1).optional(),
    stiffness_N_per_m: positive,
    /** Of the part of the body that is moved by the contact, kg. */
    effective_mass_kg: positive,
  })
  .refine((region) => (region.transient_force_N === undefined) !== (region.transient_factor === undefined), {
    path: ['transient_force_N'],
    error: 'give either this or transient_factor',
  })
  .refine(({ transient_force_N, quasi_static_force_N }) => (transient_force_N ?? Infinity) >= quasi_static_force_N, {
    path: ['transient_force_N'],
    error: 'must be at least quasi_static_force_N',
  })
  .readonly();
export type ContactRegion = z.infer<typeof contactRegion>;

/** Forces that a body bears, region by region, as the integrator supplies them; none are built in. */
export const contactLimitsDocument = z
  .strictObject({
    schema: z.literal('surepick.contact_limits'),
    version: z.literal(1),
    /** Where the numbers are from: standard, table and edition, or the report of a measurement. */
    source: z.string().trim().min(1),
    /** All that the arm can reach: the least speed of them counts. */
    regions: z
      .array(contactRegion)
      .min(1)
      .max(64)
      .refine((regions) => new Set(regions.map(({ region }) => region)).size === regions.length, {
        error: 'names a region twice',
      })
      .readonly(),
  })
  .readonly();
export type ContactLimitsDocument = z.infer<typeof contactLimitsDocument>;

/** The section of an envelope that lets an arm touch a body while it moves. */
export const contactSection = z
  .strictObject({
    /** Heaviest object that the arm carries, with whatever tool its description lacks, kg. */
    payload_kg: z.number().nonnegative(),
    table: contactLimitsDocument,
  })
  .readonly();
export type ContactLimits = z.infer<typeof contactSection>;

/** Reads a table from a parsed value; `where` names its source in errors. Throws InputError with place and remedy. */
export function parseContactLimits(value: unknown, where = 'contact limits'): ContactLimitsDocument {
  const result = contactLimitsDocument.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new InputError(`${where}: ${issue.path.join('.') || 'document'}`, issue.message);
}
