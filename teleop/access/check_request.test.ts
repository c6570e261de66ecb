import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { bearerToken, checkRequest, hasSecretInUrl, type RequestHead } from './check_request.ts';
import { LOOPBACK_NAMES, originsOf } from './origins.ts';

const allowed = originsOf({ scheme: 'http', port: 8080, names: LOOPBACK_NAMES });
const HOST = 'localhost:8080';
const ORIGIN = 'http://localhost:8080';
const reasonOf = (head: Partial<RequestHead> & { host?: string; origin?: string }) => {
  const { method = 'GET', url = '/', host = HOST, origin, headers = {} } = head;
  const full = { host: [host], ...(origin === undefined ? {} : { origin: [origin] }), ...headers };
  return checkRequest({ method, url, headers: full }, allowed)?.reason ?? null;
};

describe('where a request comes from', () => {
  it('may be any page of the server, by any of its names', () => {
    for (const host of allowed.hosts)
      expect(reasonOf({ method: 'POST', host, origin: `http://${host}` }), host).toBeNull();
    expect(reasonOf({ url: '/index.html' })).toBeNull();
  });

  it('is no name that was bound to its address, and no other port', () => {
    for (const host of [
      'evil.org:8080',
      'evil.org',
      'localhost',
      'localhost:80',
      'localhost:80800',
      'localhost.:8080',
      '',
    ])
      expect(reasonOf({ host }), host).toBe('host');
  });

  it('is there for whatever changes something, and for sockets', () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE', 'get', ''])
      expect(reasonOf({ method }), method).toBe('origin_missing');
    expect(reasonOf({ headers: { upgrade: ['websocket'] } })).toBe('origin_missing');
    expect(reasonOf({ headers: { upgrade: ['websocket'] }, origin: ORIGIN })).toBeNull();
  });

  it('is no foreign page, and no page of another port', () => {
    const foreign = [
      'null',
      '',
      'http://localhost:8081',
      'http://localhost',
      'https://localhost:8080',
      'http://evil.org',
    ];
    for (const origin of [...foreign, `${ORIGIN}/`, `${ORIGIN}.evil.org`, `http://evil.org#${ORIGIN}`, `${ORIGIN} `])
      for (const method of ['GET', 'POST']) expect(reasonOf({ method, origin }), `${method} ${origin}`).toBe('origin');
  });

  it('is said once', () => {
    expect(reasonOf({ headers: { host: [HOST, HOST] } })).toBe('host');
    expect(reasonOf({ headers: { host: [HOST, 'evil.org'] } })).toBe('host');
    expect(reasonOf({ headers: { host: undefined } })).toBe('host');
    expect(reasonOf({ method: 'POST', headers: { origin: [ORIGIN, ORIGIN] } })).toBe('origin');
  });

  it('is a path of this server', () => {
    for (const url of ['http://evil.org/', '*', '', 'evil.org:80', `/${'a'.repeat(2048)}`])
      expect(reasonOf({ url }), url).toBe('request_target');
  });
});

describe('secrets in URLs', () => {
  it.each([
    ...['/?token=a', '/ws/control?token=a', '/?t=1&token=a', '/?TOKEN=a', '/?%74oken=a', '/?access_token=', '/?token'],
    ...['/?code=a', '/?a=b;code=c', '/?password=a', '/?authorization=a', '/?session=a', '/?api_key=a', '/?a=?token=b'],
    ...[
      '/?t=a',
      '/?+token=a',
      '/?one_time_code=a',
      '/?sid=a',
      `/?from_s=${'a1-_'.repeat(10)}abc`,
      `/?${'x'.repeat(27)}&a=${'x'.repeat(27)}`,
    ],
  ])('are refused: %s', (url) => {
    expect(hasSecretInUrl(url)).toBe(true);
    expect(reasonOf({ url })).toBe('secret_in_url');
  });

  it.each([
    '/',
    '/index.html',
    '/app.js?v=3',
    '/api/recordings?from_s=3&to_s=9',
    '/token.html',
    '/%',
    '/?codec=jpeg',
    '/?author=ada',
    '/?%&%zz=%',
  ])('are none: %s', (url) => {
    expect(reasonOf({ url })).toBeNull();
  });
});

describe('the token of a request', () => {
  it('stands behind Bearer, once', () => {
    expect(bearerToken(['Bearer abc_-9'])).toBe('abc_-9');
    for (const values of [
      undefined,
      [],
      ['Bearer a', 'Bearer a'],
      ['bearer a'],
      ['Bearer  a'],
      ['Basic a'],
      ['Bearer a b'],
    ])
      expect(bearerToken(values), String(values)).toBeNull();
  });
});

describe('10,000 heads that were changed somewhere', () => {
  it('are let through only where Host and Origin are exactly as allowed', () => {
    const rng = createRng(12);
    let through = 0;
    for (let i = 0; i < 10_000; i++) {
      const host = maybeChanged(HOST, rng);
      const origin = maybeChanged(ORIGIN, rng);
      const token = maybeChanged('Bearer 0123456789', rng);
      const method = rng.int(2) === 0 ? 'POST' : 'GET';
      const headers = { host: [host], origin: [origin], authorization: [token] };
      const refusal = checkRequest({ method, url: '/api/x', headers }, allowed);
      const good = allowed.hosts.has(host.toLowerCase()) && allowed.origins.has(origin.toLowerCase());
      expect(refusal === null, `${i}: ${JSON.stringify(headers)}`).toBe(good);
      if (refusal === null) through++;
      const bearer = bearerToken([token]);
      if (bearer !== null) expect(token).toBe(`Bearer ${bearer}`);
    }
    expect(through).toBeGreaterThan(1000);
    expect(through).toBeLessThan(5000);
  });
});

function maybeChanged(text: string, rng: Rng): string {
  if (rng.int(2) === 0) return text;
  const at = rng.int(text.length + 1);
  const noise = String.fromCharCode(...Array.from({ length: 1 + rng.int(4) }, () => rng.int(256)));
  const kinds = [
    () => text.slice(0, at) + noise + text.slice(at),
    () => text.slice(0, at),
    () => text.slice(at),
    () => text.slice(0, at) + text.slice(at + 1),
    () => text + text,
    () => `${text},${text}`,
    () => text.toUpperCase(),
    () => `${noise}${text}`,
    () => text.replace('localhost', 'localhost.evil.org'),
    () => text.replace('8080', String(rng.int(70_000))),
    () => text.replace('localhost', `user@localhost`),
    () => noise.repeat(1 + rng.int(500)),
  ];
  return kinds[rng.int(kinds.length)]();
}
