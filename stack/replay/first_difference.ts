/** Where two values differ first: the path of the field, and what stands there. */
export interface FieldDifference {
  /** e.g. `status[0].values[3].value`; empty for the values themselves. */
  readonly field: string;
  readonly recorded: string;
  readonly replayed: string;
}

const SHOWN = 80;

/** The first field in which two messages differ, in the order of their fields; null where they are equal to the bit. */
export function firstDifference(recorded: unknown, replayed: unknown, field = ''): FieldDifference | null {
  const [a, b] = [entriesOf(recorded), entriesOf(replayed)];
  if (a === null || b === null) {
    if (a === null && b === null && Object.is(recorded, replayed)) return null;
    return { field, recorded: shown(recorded), replayed: shown(replayed) };
  }
  const listed = !isRecord(recorded) || !isRecord(replayed);
  if (listed && a.length !== b.length) {
    return { field: `${field}.length`.replace(/^\./, ''), recorded: String(a.length), replayed: String(b.length) };
  }
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const name = a[i]?.[0] ?? b[i][0];
    const path = listed ? `${field}[${name}]` : field === '' ? name : `${field}.${name}`;
    if (a[i]?.[0] !== b[i]?.[0]) return { field: path, recorded: shown(a[i]?.[1]), replayed: shown(b[i]?.[1]) };
    const difference = firstDifference(a[i][1], b[i][1], path);
    if (difference !== null) return difference;
  }
  return null;
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** Named parts of a value in their order; null for one without parts. */
function entriesOf(value: unknown): [string, unknown][] | null {
  if (typeof value !== 'object' || value === null || value instanceof DataView) return null;
  return Object.entries(value);
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text =
    typeof value === 'string'
      ? JSON.stringify(value)
      : Object.is(value, -0)
        ? '-0'
        : typeof value === 'object'
          ? JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner))
          : String(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
