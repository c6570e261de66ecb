import { readFileSync } from 'node:fs';
import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { InputError } from '../contracts/index.ts';

export type Path = readonly PropertyKey[];

/** A YAML file whose errors say file, line and column. */
export class YamlFile {
  readonly file: string;
  private readonly document: Document.Parsed;
  private readonly lines: LineCounter;

  private constructor(file: string, document: Document.Parsed, lines: LineCounter) {
    this.file = file;
    this.document = document;
    this.lines = lines;
  }

  /** Throws InputError where it cannot be read or is no YAML. */
  static read(file: string): YamlFile {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (cause) {
      const why = cause instanceof Error && 'code' in cause ? cause.code : 'unknown error';
      throw new InputError(file, `cannot be read (${why}); give a YAML file`, { cause });
    }
    return YamlFile.parse(text, file);
  }

  static parse(text: string, file: string): YamlFile {
    const lineCounter = new LineCounter();
    const document = parseDocument(text, { lineCounter, prettyErrors: false });
    const yaml = new YamlFile(file, document, lineCounter);
    const [error] = document.errors;
    if (error !== undefined) throw new InputError(yaml.at(error.pos[0]), `is not YAML: ${error.message}`);
    return yaml;
  }

  /** The whole content, checked. Throws InputError with the place of the first thing that is wrong. */
  as<T>(schema: z.ZodType<T>): T {
    let content: unknown;
    try {
      content = this.document.toJS({ maxAliasCount: 100 });
    } catch (cause) {
      throw new InputError(`${this.file}:1:1`, cause instanceof Error ? cause.message : String(cause), { cause });
    }
    const parsed = schema.safeParse(content);
    if (parsed.success) return parsed.data;
    throw this.error(parsed.error.issues[0]);
  }

  /** What a schema found wrong, `under` a path of this file. */
  error(issue: z.core.$ZodIssue, under: Path = []): InputError {
    const path = [...under, ...issue.path];
    if (issue.code === 'unrecognized_keys') return this.refuse([...path, issue.keys[0]], 'is not known here', true);
    const of_key = issue.code === 'invalid_key';
    return this.refuse(path, of_key ? (issue.issues[0]?.message ?? issue.message) : issue.message, of_key);
  }

  /** An InputError at the place of `path`, or of what comes nearest to it. */
  refuse(path: Path, allowed: string, at_key = false): InputError {
    const shown = path.map(String).join('.');
    const value = at_key ? undefined : this.document.getIn(path, true);
    const told = isScalar(value) ? ` = ${JSON.stringify(value.value)}` : '';
    return new InputError(`${this.place(path, at_key)}: ${shown || 'content'}${told}`, allowed);
  }

  /** `file:line:column` of the value at `path`, or of its key. */
  private place(path: Path, at_key: boolean): string {
    let offset = 0;
    let node: unknown = this.document.contents;
    for (const [depth, key] of path.entries()) {
      const last = depth === path.length - 1;
      if (isMap(node)) {
        const pair = node.items.find(({ key: k }) => isScalar(k) && String(k.value) === String(key));
        if (pair === undefined) break;
        offset = startOf(last && at_key ? pair.key : (pair.value ?? pair.key)) ?? startOf(pair.key) ?? offset;
        node = pair.value;
      } else if (isSeq(node)) {
        node = node.items[Number(key)];
        offset = startOf(node) ?? offset;
      } else break;
    }
    return this.at(offset);
  }

  private at(offset: number): string {
    const { line, col } = this.lines.linePos(offset);
    return `${this.file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  }
}

function startOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
  const [start]: unknown[] = node.range;
  return typeof start === 'number' ? start : undefined;
}
