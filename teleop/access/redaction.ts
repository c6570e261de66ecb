import { SECRET_FIELDS } from '../../contracts/index.ts';

/** Paths that pino strikes out, with what stands in their place. */
export const REDACT = {
  paths: [
    ...SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
    ...['code', '*.code_text', 'req.headers', 'request.headers', 'headers.authorization', 'headers.cookie'],
    'headers["sec-websocket-protocol"]',
  ],
  censor: '[secret]',
} as const;

const LONGEST = 200;

/** A URL as it may be logged: its path alone, without query or fragment, which may hold codes and tokens. */
export function loggedUrl(url: string): string {
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0];
  return printable(path).slice(0, LONGEST);
}

/** Text from outside as one line that a terminal can be shown. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
}
