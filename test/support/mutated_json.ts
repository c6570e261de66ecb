import type { Rng } from '../../contracts/index.ts';

/** What JSON from a stranger may hold where something else is wanted. */
const STRANGE: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1, 0.5, -0.5, 2 ** 31, 2 ** 53, 1e308, -1e308, 1e-308],
  ...['', ' ', 'x', '../../etc/passwd', '/etc/passwd', 'C:\\x', '\u0000', 'a\nb', '__proto__', '\ud800', 'ä', '1.0.0'],
  ...['x'.repeat(70_000), [], {}, [[]], [null], { name: 1 }, ['../x'], { constructor: 1 }],
];
const KEYS = ['__proto__', 'constructor', 'toString', 'file', 'path', 'extra', ''];

/** A copy of a JSON value with one thing changed at a random place: replaced, removed, doubled, added or moved. */
export function mutatedJson(value: unknown, rng: Rng): unknown {
  const copy: { root: unknown } = { root: JSON.parse(JSON.stringify(value)) };
  const places = placesIn(copy);
  const { parent, key } = places[rng.int(places.length)];
  const strange = STRANGE[rng.int(STRANGE.length)];
  const kind = rng.int(5);
  const here = parent[key];
  if (kind === 0 && Array.isArray(parent)) parent.splice(Number(key), 1);
  else if (kind === 0 && parent !== copy) delete parent[key];
  else if (kind === 1 && Array.isArray(here)) here.push(here[0] ?? strange);
  else if (kind === 2 && isRecord(here)) define(here, KEYS[rng.int(KEYS.length)], strange);
  else if (kind === 3) {
    const other = places[rng.int(places.length)];
    parent[key] = JSON.parse(JSON.stringify(other.parent[other.key] ?? null));
  } else parent[key] = typeof here === 'number' && rng.uniform() < 0.5 ? here * rng.range(-2, 3) : strange;
  return copy.root;
}

/** A copy of a text with some bytes flipped, removed, doubled or written over. */
export function mutatedBytes(bytes: Uint8Array, rng: Rng): Buffer {
  const at = rng.int(bytes.length);
  const length = 1 + rng.int(Math.min(64, bytes.length));
  const before = bytes.subarray(0, at);
  switch (rng.int(5)) {
    case 0:
      return Buffer.concat([before, Buffer.of(bytes[at] ^ (1 << rng.int(8))), bytes.subarray(at + 1)]);
    case 1:
      return Buffer.from(before);
    case 2:
      return Buffer.concat([before, bytes.subarray(at + length)]);
    case 3:
      return Buffer.concat([before, bytes.subarray(at, at + length), bytes.subarray(at)]);
    default:
      return Buffer.concat([
        before,
        Buffer.from(Array.from({ length }, () => rng.int(256))),
        bytes.subarray(at + length),
      ]);
  }
}

type Parent = Record<string | number, unknown>;

function placesIn(root: { root: unknown }): { parent: Parent; key: string | number }[] {
  const found: { parent: Parent; key: string | number }[] = [];
  const walk = (parent: Parent, key: string | number): void => {
    found.push({ parent, key });
    const here = parent[key];
    if (isRecord(here)) for (const inner of Object.keys(here)) walk(here, inner);
  };
  walk(root, 'root');
  return found;
}

function isRecord(value: unknown): value is Parent {
  return typeof value === 'object' && value !== null;
}

/** Sets a field even where its name has a meaning of its own, as JSON.parse does. */
function define(record: Parent, key: string, value: unknown): void {
  Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
}
