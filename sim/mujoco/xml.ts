type Value = string | number | ArrayLike<number>;

/** One XML element with attributes and children, indented below its parent; numbers in full. */
export function element(name: string, attributes: Readonly<Record<string, Value>>, children: readonly string[] = []) {
  const text = Object.entries(attributes).map(([key, value]) => ` ${key}="${quoted(format(value))}"`);
  if (children.length === 0) return `<${name}${text.join('')}/>`;
  const inner = children.map((child) => child.replace(/^/gm, '  ')).join('\n');
  return `<${name}${text.join('')}>\n${inner}\n</${name}>`;
}

function format(value: Value): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : Array.from(value, String).join(' ');
}

function quoted(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
