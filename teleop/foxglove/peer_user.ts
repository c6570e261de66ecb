import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';

/** One end of a TCP connection. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/**
 * Whether the peer of a connection within this machine is a process of this user, by the kernel's table of sockets; null where
 * the system has no such table.
 */
export async function isOwnUser(peer: Endpoint, own: Endpoint): Promise<boolean | null> {
  const user = process.getuid?.();
  if (user === undefined || process.platform !== 'linux') return null;
  const mapped = peer.address.startsWith('::ffff:');
  const tables = isIPv4(peer.address) ? ['tcp'] : mapped ? ['tcp6', 'tcp'] : ['tcp6'];
  for (const table of tables) {
    const text = await readFile(`/proc/net/${table}`, 'latin1').catch(() => null);
    if (text === null) return null;
    const found = userOfSocket(text, peer, own);
    if (found !== null) return found === user;
  }
  return false;
}

/** User id of the socket whose local end is `local` and whose remote end is `remote`, in a text as of /proc/net/tcp; or null. */
export function userOfSocket(table: string, local: Endpoint, remote: Endpoint): number | null {
  const wanted = [endpointForms(local), endpointForms(remote)];
  for (const line of table.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    if (fields.length < 8 || !wanted[0].includes(fields[1]) || !wanted[1].includes(fields[2])) continue;
    return /^\d+$/.test(fields[7]) ? Number(fields[7]) : null;
  }
  return null;
}

/** How the table may write it: words of four bytes in the order of this machine, which is the lowest first. */
function endpointForms({ address, port }: Endpoint): string[] {
  const hex_port = port.toString(16).toUpperCase().padStart(4, '0');
  return addressWords(address).map((words) => `${words}:${hex_port}`);
}

function addressWords(address: string): string[] {
  const ipv4 = address.replace(/^::ffff:/, '');
  if (isIPv4(ipv4)) {
    const word = hex(ipv4.split('.').map(Number).reverse());
    return [word, `0000000000000000FFFF0000${word}`];
  }
  return address === '::1' ? ['00000000000000000000000001000000'] : [];
}

function hex(bytes: readonly number[]): string {
  return Buffer.from(bytes).toString('hex').toUpperCase();
}
