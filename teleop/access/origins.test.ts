import { describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { isLoopback, LOOPBACK_NAMES, nameToOpen, originsOf } from './origins.ts';

describe('where a server is reached', () => {
  it('is the exact name with the port, IPv6 in brackets', () => {
    const { hosts, origins } = originsOf({ scheme: 'http', port: 8080, names: LOOPBACK_NAMES });
    expect([...hosts]).toEqual(['localhost:8080', '127.0.0.1:8080', '[::1]:8080']);
    expect([...origins]).toEqual(['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080']);
  });

  it('has no port where it is that of the scheme, as browsers write it', () => {
    const names = ['cell-3.example.org'];
    expect([...originsOf({ scheme: 'https', port: 443, names }).origins]).toEqual(['https://cell-3.example.org']);
    expect([...originsOf({ scheme: 'http', port: 443, names }).hosts]).toEqual(['cell-3.example.org:443']);
  });

  it.each(['', '*', '*.example.org', 'a b', 'a/b', 'evil.org:80', '-a', 'a..b', `${'a'.repeat(64)}.org`])(
    'is no such name: %j',
    (name) => {
      expect(() => originsOf({ scheme: 'https', port: 1, names: [name] })).toThrow(InputError);
    },
  );

  it('is this machine’s alone for its loopback addresses, and for nothing that only looks so', () => {
    for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '127.9.8.7', '::1', '[::1]'])
      expect(isLoopback(host), host).toBe(true);
    for (const host of ['0.0.0.0', '::', '127.evil.org', '127.0.0.1.nip.io', 'localhost.evil.org', '10.0.0.1', ''])
      expect(isLoopback(host), host).toBe(false);
  });

  it.each([
    ['localhost', [], 'localhost'],
    ['127.0.0.1', [], 'localhost'],
    ['10.0.0.7', ['10.0.0.7', 'cell-3'], '10.0.0.7'],
    ['CELL-3', ['cell-3'], 'cell-3'],
    ['0.0.0.0', ['cell-3'], 'cell-3'],
    ['[::]', ['fd00::2'], '[fd00::2]'],
    ['::', [], 'localhost'],
  ])('served at %s under its own names and %j it is opened as %s', (host, others, name) => {
    expect(nameToOpen(host, [...LOOPBACK_NAMES, ...others])).toBe(name);
  });
});
