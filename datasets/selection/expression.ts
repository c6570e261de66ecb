import { InputError } from '../../contracts/index.ts';
import type { DatasetEpisode } from '../dataset/schema.ts';
import { type Field, type FieldValue, fieldOf, similarFields } from './fields.ts';

export type Predicate = (episode: DatasetEpisode) => boolean;

type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'has';
type Literal = number | string | boolean | null;
interface Token {
  readonly kind: 'name' | 'number' | 'text' | 'sign' | 'end';
  readonly text: string;
  /** From 1. */
  readonly column: number;
}

const TOKEN = /\s*(?:(-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)|'([^']*)'|"([^"]*)"|([A-Za-z_][\w.-]*)|(==|!=|<=|>=|[<>()]))/y;
const WORDS: ReadonlyMap<string, Literal> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const EXAMPLE = `e.g. "outcome.success and duration_s > 5 and objects has 'box'"`;
const LONGEST = 2000;
const DEEPEST = 50;

/**
 * Reads a condition on episodes: comparisons (== != < <= > >= has) of a field with a number, 'text', true, false or null, a
 * flag alone, joined by and, or, not and brackets. What is not known is true for `== null` and `!= …` only. Throws an
 * InputError that names the column and the remedy. Nothing is ever evaluated as code.
 */
export function parseExpression(text: string): Predicate {
  return new Parser(text).whole();
}

class Parser {
  private readonly text: string;
  private readonly tokens: readonly Token[];
  private at = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
    if (text.length > LONGEST) throw this.error(LONGEST, `is ${text.length} characters long, at most ${LONGEST}`);
    this.tokens = this.split();
  }

  whole(): Predicate {
    const predicate = this.or();
    const { kind, text, column } = this.peek();
    if (kind !== 'end') throw this.error(column, `"${text}" is too much; join conditions with and, or`);
    return predicate;
  }

  private or(): Predicate {
    const either = [this.and()];
    while (this.took('or')) either.push(this.and());
    return either.length === 1 ? either[0] : (episode) => either.some((one) => one(episode));
  }

  private and(): Predicate {
    const all = [this.not()];
    while (this.took('and')) all.push(this.not());
    return all.length === 1 ? all[0] : (episode) => all.every((one) => one(episode));
  }

  private not(): Predicate {
    if (++this.depth > DEEPEST) throw this.error(this.peek().column, `is nested more than ${DEEPEST} deep`);
    try {
      if (!this.took('not')) return this.comparison();
      const inner = this.not();
      return (episode) => !inner(episode);
    } finally {
      this.depth--;
    }
  }

  private comparison(): Predicate {
    const { kind, text: name, column } = this.next();
    if (name === '(' && kind === 'sign') {
      const inner = this.or();
      const { text, column: here } = this.next();
      if (text !== ')') throw this.error(here, 'must be ")", for the bracket that was opened');
      return inner;
    }
    if (kind !== 'name') throw this.error(column, `must be the name of a field, ${EXAMPLE}`);
    const field = fieldOf(name);
    if (field === null) throw this.error(column, `${name} is no field; there is ${similarFields(name).join(', ')}`);
    const operator = this.operator();
    if (operator !== null) return this.compared(name, field, operator);
    if (field.kind === 'flag' || field.kind === 'open') return (episode) => field.of(episode) === true;
    throw this.error(this.peek().column, `compare ${name} with something: ${remedy(name, field)}`);
  }

  private operator(): Comparison | null {
    const { text, kind } = this.peek();
    if (kind !== 'sign' && kind !== 'name') return null;
    for (const known of ['==', '!=', '<', '<=', '>', '>=', 'has'] as const) {
      if (known !== text) continue;
      this.at++;
      return known;
    }
    return null;
  }

  private compared(name: string, field: Field, operator: Comparison): Predicate {
    const { column } = this.peek();
    const wanted = this.literal();
    const order = operator !== '==' && operator !== '!=' && operator !== 'has';
    const fits =
      operator === 'has'
        ? field.kind === 'list' && typeof wanted === 'string'
        : field.kind !== 'list' && (order ? typeof wanted === 'number' : true) && sameKind(field, wanted);
    if (!fits) throw this.error(column, `does not go with ${name}, ${article(field)}: ${remedy(name, field)}`);
    return (episode) => holds(operator, field.of(episode), wanted);
  }

  private literal(): Literal {
    const { kind, text, column } = this.next();
    if (kind === 'number') return Number(text);
    if (kind === 'text') return text;
    const word = WORDS.get(text);
    if (kind === 'name' && word !== undefined) return word;
    throw this.error(column, `must be a number, 'text' in quotes, true, false or null, ${EXAMPLE}`);
  }

  private took(word: string): boolean {
    const { kind, text } = this.peek();
    if (kind !== 'name' || text !== word) return false;
    this.at++;
    return true;
  }

  private peek(): Token {
    return this.tokens[this.at];
  }

  private next(): Token {
    const token = this.tokens[this.at];
    if (token.kind !== 'end') this.at++;
    return token;
  }

  private split(): Token[] {
    const tokens: Token[] = [];
    const pattern = new RegExp(TOKEN);
    const end = this.text.trimEnd().length;
    while (pattern.lastIndex < end) {
      const from = pattern.lastIndex;
      const found = pattern.exec(this.text);
      if (found === null) {
        const start = from + this.text.slice(from).search(/\S/);
        throw this.error(start + 1, `"${this.text[start]}" is not understood; ${EXAMPLE}`);
      }
      const [all, number, single, double, name, sign] = found;
      const column = from + all.length - all.trimStart().length + 1;
      if (number !== undefined) tokens.push({ kind: 'number', text: number, column });
      else if (name !== undefined) tokens.push({ kind: 'name', text: name, column });
      else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, column });
      else tokens.push({ kind: 'text', text: single ?? double, column });
    }
    tokens.push({ kind: 'end', text: 'the end', column: end + 1 });
    return tokens;
  }

  private error(column: number, allowed: string): InputError {
    return new InputError(`condition "${this.text.slice(0, 200)}" column ${column}`, allowed);
  }
}

function sameKind({ kind }: Field, wanted: Literal): boolean {
  if (wanted === null || kind === 'open') return true;
  if (typeof wanted === 'number') return kind === 'number';
  return typeof wanted === 'string' ? kind === 'text' : kind === 'flag';
}

function holds(operator: Comparison, value: FieldValue, wanted: Literal): boolean {
  if (operator === '==') return value === wanted;
  if (operator === '!=') return value !== wanted;
  if (operator === 'has') return Array.isArray(value) && value.includes(wanted);
  if (typeof value !== 'number' || typeof wanted !== 'number') return false;
  if (operator === '<') return value < wanted;
  if (operator === '<=') return value <= wanted;
  return operator === '>' ? value > wanted : value >= wanted;
}

const article = ({ kind }: Field) =>
  ({ number: 'a number', text: 'a text', flag: 'true or false', list: 'a list', open: 'of any kind' })[kind];

function remedy(name: string, { kind }: Field): string {
  if (kind === 'number' || kind === 'open') return `${name} >= 1`;
  if (kind === 'list') return `${name} has 'name'`;
  return kind === 'flag' ? `${name} == true` : `${name} == 'name'`;
}
