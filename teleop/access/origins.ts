import { isIP, isIPv4 } from 'node:net';
import { InputError } from '../../contracts/index.ts';

/** Where a server is reached: exact values of the headers Host and Origin. */
export interface Origins {
  readonly hosts: ReadonlySet<string>;
  readonly origins: ReadonlySet<string>;
}

export interface ServedAs {
  readonly scheme: 'http' | 'https';
  readonly port: number;
  /** Names and addresses without port, e.g. `localhost`, `::1`, `cell-3.example.org`. */
  readonly names: readonly string[];
}

const DEFAULT_PORT = { http: 80, https: 443 };
/** Every address of the machine. */
export const EVERYWHERE: readonly string[] = ['0.0.0.0', '::'];
export const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '::1'];

/** Whether an address to listen on is this machine's alone. */
export function isLoopback(host: string): boolean {
  const bare = bareName(host);
  return LOOPBACK_NAMES.includes(bare) || (isIPv4(bare) && bare.startsWith('127.'));
}

/** What browsers send that have opened one of these names. Throws InputError for what is no name of a host. */
export function originsOf({ scheme, port, names }: ServedAs): Origins {
  const written = names.map((name) => {
    const bare = bareName(name);
    if (isIP(bare) === 0 && !HOST_NAME.test(bare)) throw new InputError(`host ${name}`, 'a host name or an IP address');
    return isIP(bare) === 6 ? `[${bare}]` : bare;
  });
  const ending = port === DEFAULT_PORT[scheme] ? '' : `:${port}`;
  const hosts = written.map((name) => `${name}${ending}`);
  return { hosts: new Set(hosts), origins: new Set(hosts.map((host) => `${scheme}://${host}`)) };
}

/** The name to open a server by that listens on `host` and is reached under these names. */
export function nameToOpen(host: string, names: readonly string[]): string {
  const bare = bareName(host);
  const others = names.filter((name) => !isLoopback(name));
  const [name = bare] = isLoopback(host)
    ? names.filter((each) => each === 'localhost')
    : EVERYWHERE.includes(bare)
      ? [...others, ...names]
      : [];
  return isIP(name) === 6 ? `[${name}]` : name;
}

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const HOST_NAME = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*$`);

/** Lower case, an IPv6 address without brackets. */
export function bareName(name: string): string {
  return name.toLowerCase().replace(/^\[(.*)\]$/, '$1');
}
