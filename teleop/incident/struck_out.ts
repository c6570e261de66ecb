import { REDACTED, withoutSecrets } from '../../contracts/index.ts';

/** What session tokens and login codes look like: long, and of both cases and digits. */
const TOKEN = /(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[\w-]{20,}(?![\w-])/g;
const BEARER = /\bbearer\s+[^\s"',;]+/gi;
const CODE = /(#t=|[?&](?:t|token|code)=)[^\s"'&#]+/gi;

/** A text without known secrets, and without whatever looks like a token or a code. */
export function struckOut(text: string): string {
  return withoutSecrets(text)
    .replace(BEARER, `Bearer ${REDACTED}`)
    .replace(CODE, `$1${REDACTED}`)
    .replace(TOKEN, REDACTED);
}
