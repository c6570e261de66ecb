import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { InputError, PACKAGE_ROOT } from '../../contracts/index.ts';

/** What perception is held to where nobody says otherwise. */
export const SLO_FILE: string = join(PACKAGE_ROOT, 'perception', 'slo', 'perception.yaml');

const MOST_WINDOW_S = 30 * 24 * 3600;
const milliseconds = z.number().positive().max(3_600_000);
const window_s = z.number().min(1).max(MOST_WINDOW_S);

const burnRate = z
  .strictObject({
    alert: z.enum(['page', 'ticket']),
    long_s: window_s,
    short_s: window_s,
    /** Times as fast as the budget would be spent evenly over its window. */
    rate: z.number().positive(),
  })
  .refine(({ long_s, short_s }) => short_s < long_s, 'short_s must be less than long_s');

/** Service level objectives of one stage (Beyer et al., The Site Reliability Workbook, 2018, chapters 2 and 5). */
export const slo = z
  .strictObject({
    schema: z.literal('surepick/slo'),
    version: z.literal(1),
    /** As in the latency of stages. */
    stage: z.string().min(1),
    /** Of pre-processing, network and post-processing together, ms. */
    latency_ms: z.strictObject({ p50: milliseconds, p95: milliseconds, p99: milliseconds }),
    /** From opening a detector to its first detections, ms. */
    cold_start_ms: milliseconds,
    /** Share of requests that a network answers. */
    availability: z.number().gt(0).lt(1),
    budget_window_s: window_s,
    burn_rates: z.array(burnRate).max(8).readonly(),
    cost: z.strictObject({
      per_hour: z.number().nonnegative(),
      currency: z.string().regex(/^[A-Z]{3}$/, 'must be a currency of three capital letters (ISO 4217)'),
      per_1000: z.number().positive(),
    }),
  })
  .refine(({ latency_ms: { p50, p95, p99 } }) => p50 <= p95 && p95 <= p99, {
    path: ['latency_ms'],
    message: 'p50, p95 and p99 must not fall',
  });
export type Slo = Readonly<z.infer<typeof slo>>;

/** @throws InputError with file, line and column of what is wrong */
export function readSlo(file: string = SLO_FILE): Slo {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InputError(file, 'cannot be read; give a YAML file of service level objectives', { cause });
  }
  return parseSlo(text, file);
}

/** @param where  names the text in errors */
export function parseSlo(text: string, where: string): Slo {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const [error] = document.errors;
  const placeOf = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return `${where}:${line}:${col}`;
  };
  if (error !== undefined) throw new InputError(placeOf(error.pos[0]), `is not YAML: ${error.message}`);
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: 10 });
  } catch (cause) {
    throw new InputError(`${where}:1:1`, cause instanceof Error ? cause.message : String(cause), { cause });
  }
  const parsed = slo.safeParse(content);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  const node: unknown = document.getIn(path, true);
  const range = node !== null && typeof node === 'object' && 'range' in node ? node.range : null;
  const at = Array.isArray(range) && typeof range[0] === 'number' ? placeOf(range[0]) : where;
  throw new InputError(`${at} at ${path.join('.') || 'its top'}`, message);
}
