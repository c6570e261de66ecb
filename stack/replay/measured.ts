/** A topic that carries times measured on the wall clock: no two runs have the same. */
export interface MeasuredTopic {
  readonly topic: string;
  readonly why: string;
  /** Names under which the times stand, as keys of a DiagnosticArray; everything else of its messages must be equal. */
  readonly keys: readonly string[];
}

/** Where a replay may differ from its recording, and in nothing else. */
export const MEASURED_TOPICS: readonly MeasuredTopic[] = [
  {
    topic: '/diagnostics/latency',
    why: 'how long perception and planning took on the machine that recorded',
    keys: ['pre_s', 'model_s', 'post_s'],
  },
];

export const isMeasured = (topic: string): boolean => MEASURED_TOPICS.some((each) => each.topic === topic);

/** A message's fields without what was measured on the wall clock. */
export function withoutMeasured(topic: string, message: unknown): unknown {
  const measured = MEASURED_TOPICS.find((each) => each.topic === topic);
  return measured === undefined ? message : blanked(message, measured.keys);
}

function blanked(value: unknown, keys: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((each) => blanked(each, keys));
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  const { key } = value as { readonly key?: unknown };
  const timed = typeof key === 'string' && keys.includes(key);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, timed && name === 'value' ? '' : blanked(inner, keys)]),
  );
}
