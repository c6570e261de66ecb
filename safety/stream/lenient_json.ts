/** Stands for a NaN between the text and the value; no text that is typed looks like it. */
const NAN = '\u0000NaN';
const STRING_OR_WORD = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;

/** JSON that may also hold the bare words NaN, Infinity and −Infinity, as Python writes them; throws SyntaxError. */
export function parseLenientJson(text: string): unknown {
  if (!text.includes('NaN') && !text.includes('Infinity')) return JSON.parse(text);
  const plain = text.replace(STRING_OR_WORD, (word) => {
    if (word === 'NaN') return JSON.stringify(NAN);
    if (word === 'Infinity') return '1e999';
    return word === '-Infinity' ? '-1e999' : word;
  });
  return JSON.parse(plain, (_key, value: unknown) => (value === NAN ? Number.NaN : value));
}
