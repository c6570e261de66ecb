import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { loggedUrl, REDACT } from './redaction.ts';

describe('what is logged', () => {
  it('of a URL is its path', () => {
    expect(loggedUrl('/#t=CODE')).toBe('/');
    expect(loggedUrl('/ws/control?token=CODE#x')).toBe('/ws/control');
    expect(loggedUrl('http://localhost:8080/a?b=CODE')).toBe('/a');
    expect(loggedUrl('/a\n2026 forged line\u001b[2J')).toBe('/a?2026 forged line?[2J');
    expect(loggedUrl(`/${'a'.repeat(9999)}`)).toHaveLength(200);
  });

  it('shows no secret of a request, a session or a message', () => {
    const lines: string[] = [];
    const log = pino(
      { redact: { ...REDACT, paths: [...REDACT.paths] } },
      { write: (line: string) => lines.push(line) },
    );
    const secret = 'XYZZY';
    log.info({ req: { headers: { authorization: secret, cookie: secret } } });
    log.info({ headers: { authorization: secret, 'sec-websocket-protocol': secret } });
    log.info({
      token: secret,
      password: secret,
      code: secret,
      message: { token: secret },
      a: { b: { token: secret } },
    });
    expect(lines).toHaveLength(3);
    expect(lines.join('')).not.toContain(secret);
  });
});
