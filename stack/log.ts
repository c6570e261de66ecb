import pino, { type Logger } from 'pino';
import { REDACTED, SECRET_FIELDS, withoutSecrets } from '../contracts/index.ts';

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Structured log without secrets, one JSON object a line; by default on stderr, written at once, so a crash loses nothing.
 * @param write  given every line in place of stderr
 */
export function createLog(level: LogLevel, fields: object = {}, write?: (line: string) => void): Logger {
  const errors = write === undefined ? pino.destination({ fd: 2, sync: true }) : { write };
  const paths = SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  const redact = { paths, censor: REDACTED };
  return pino({ level, base: fields, redact }, { write: (line) => errors.write(withoutSecrets(line)) });
}
