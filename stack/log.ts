import pino, { type Logger } from 'pino';

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Structured log, one JSON object a line; by default on stderr, written at once, so a crash loses nothing.
 * @param write  given every line in place of stderr
 */
export function createLog(level: LogLevel, fields: object = {}, write?: (line: string) => void): Logger {
  return pino({ level, base: fields }, write === undefined ? pino.destination({ fd: 2, sync: true }) : { write });
}
