import { isIP } from 'node:net';

/** OID of the extension (RFC 5280, 4.2.1.10). */
export const NAME_CONSTRAINTS = '2.5.29.30';

const SEQUENCE = 0x30;
const PERMITTED = 0xa0;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

/** DER of an extension by which a CA signs for these names and addresses, and what is below the names, alone. */
export function permittedNames(names: readonly string[]): Uint8Array<ArrayBuffer> {
  const subtrees = names.map((name) => element(SEQUENCE, isIP(name) === 0 ? dnsName(name) : address(name)));
  // Without a subtree of its kind, a kind of name is not limited at all.
  for (const { kind, none } of NONE_OF_KIND) if (!names.some(kind)) subtrees.push(element(SEQUENCE, none));
  return Uint8Array.from(element(SEQUENCE, element(PERMITTED, subtrees.flat())));
}

function dnsName(name: string): number[] {
  return element(DNS_NAME, [...Buffer.from(name, 'latin1')]);
}

/** The address and a mask of ones. */
function address(text: string): number[] {
  const bytes = isIP(text) === 4 ? text.split('.').map(Number) : ipv6Bytes(text);
  return element(IP_ADDRESS, [...bytes, ...bytes.map(() => 0xff)]);
}

/** Names that nobody has: an invalid domain (RFC 6761), the unspecified addresses. */
const NONE_OF_KIND = [
  { kind: (name: string) => isIP(name) === 0, none: dnsName('none.invalid') },
  { kind: (name: string) => isIP(name) === 4, none: address('0.0.0.0') },
  { kind: (name: string) => isIP(name) === 6, none: address('::') },
];

function ipv6Bytes(text: string): number[] {
  const [head, tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string | undefined) => (part ? part.split(':') : []).map((group) => Number.parseInt(group, 16));
  const [first, last] = [groups(head), groups(tail)];
  const all = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
  return all.flatMap((group) => [group >> 8, group & 0xff]);
}

/** Tag, length, content. */
function element(tag: number, content: readonly number[]): number[] {
  const { length } = content;
  if (length < 0x80) return [tag, length, ...content];
  if (length < 0x100) return [tag, 0x81, length, ...content];
  return [tag, 0x82, length >> 8, length & 0xff, ...content];
}
