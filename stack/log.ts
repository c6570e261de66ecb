import pino, { type Logger } from 'pino';

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Structured log on stderr, one JSON object a line; written at once, so a crash loses nothing. */
export function createLog(level: LogLevel, fields: object = {}): Logger {
  return pino({ level, base: fields }, pino.destination({ fd: 2, sync: true }));
}
