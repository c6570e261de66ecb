import { z } from 'zod';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

/** A line that a process has written, whatever wrote it. */
export const logLineSchema = z.object({
  /** Wall time (ms since 1970). */
  time_ms: z.number(),
  level: z.enum(LEVELS),
  /** Full name of the node, or of the process that it comes from. */
  node: z.string(),
  message: z.string(),
  fields: z.record(z.string(), z.unknown()),
});
export type LogLine = Readonly<z.infer<typeof logLineSchema>>;

const record = z.looseObject({
  level: z.number(),
  time: z.number(),
  msg: z.string().default(''),
  node: z.string().optional(),
});

/**
 * Reads a line of pino's JSON; any other text becomes the message as it stands, a warning where it came on standard error.
 *
 * @param source  name of the process
 */
export function parseLogLine(text: string, source: string, now_ms: number, on_error: boolean): LogLine {
  const parsed = text.startsWith('{') ? record.safeParse(jsonOf(text)) : null;
  if (parsed?.success !== true) {
    return { time_ms: now_ms, level: on_error ? 'warn' : 'info', node: source, message: text, fields: {} };
  }
  const { level, time, msg, node, ...fields } = parsed.data;
  return { time_ms: time, level: levelOf(level), node: node ?? source, message: msg, fields };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** pino's numbers: 20 debug, 30 info, 40 warn, 50 error. */
function levelOf(number: number): Level {
  if (number >= 50) return 'error';
  if (number >= 40) return 'warn';
  return number >= 30 ? 'info' : 'debug';
}

const RESET = '\u001b[0m';
const LEVEL_COLOURS: Readonly<Record<Level, string>> = {
  debug: '\u001b[2m',
  info: '',
  warn: '\u001b[33m',
  error: '\u001b[31m',
};
/** Cyan, green, magenta, blue and their bright forms: those that no level has. */
const NODE_COLOURS = [36, 32, 35, 34, 96, 92, 95, 94].map((code) => `\u001b[${code}m`);
/** Control characters of foreign text must not reach the terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** `   1.234 planning      WARN  message  key=value`, for people; seconds count from `start_ms`. */
export function formatLogLine(line: LogLine, start_ms: number, colour: boolean): string {
  const { time_ms, level, node, message, fields } = line;
  const seconds = Math.max(0, (time_ms - start_ms) / 1000).toFixed(3);
  const paint = (text: string, code: string) => (colour && code !== '' ? `${code}${text}${RESET}` : text);
  // An error's own record repeats the message, and its stack is for machines: --json keeps it.
  const told = Object.entries(fields).filter(([key]) => key !== 'err' && key !== 'where');
  const values = told.map(([key, value]) => `${key}=${shown(value)}`);
  const text = [message, ...values].join('  ').replace(CONTROL, '?');
  const tag = level === 'info' ? '' : `${level.toUpperCase()} `;
  const name = paint(node.padEnd(14), NODE_COLOURS[hash(node) % NODE_COLOURS.length]);
  return `${seconds.padStart(8)} ${name} ${paint(tag + text, LEVEL_COLOURS[level])}`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(6)));
  return JSON.stringify(value) ?? String(value);
}

function hash(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = (Math.imul(sum, 31) + text.charCodeAt(i)) >>> 0;
  return sum;
}
