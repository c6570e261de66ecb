import { createRequire } from 'node:module';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';

interface Joined {
  readonly conjunction: 'and' | 'or';
  readonly left: Expression;
  readonly right: Expression;
}
type Expression =
  | { readonly license: string; readonly exception?: string | undefined; readonly plus?: boolean | undefined }
  | Joined;

const parseExpression: (text: string) => unknown = createRequire(import.meta.url)('spdx-expression-parse');
const leaf = z.object({ license: z.string(), exception: z.string().optional(), plus: z.boolean().optional() });
const expression: z.ZodType<Expression> = z.lazy(() =>
  z.union([leaf, z.object({ conjunction: z.enum(['and', 'or']), left: expression, right: expression })]),
);

/** Longest expression that is read, characters; nested parentheses are followed by recursion. */
const LONGEST = 400;

/** Checks an SPDX licence expression (SPDX 2.3, annex D). Throws an InputError that names the place. */
export function checkLicence(text: string, where: string): string {
  read(text, where);
  return text;
}

/** Whether who keeps to one of the `allowed` licences may take it: of `A OR B` one is enough, of `A AND B` both are needed. */
export function licenceFits(text: string, allowed: readonly string[]): boolean {
  return fits(read(text, 'licence'), new Set(allowed));
}

function fits(one: Expression, allowed: ReadonlySet<string>): boolean {
  if ('conjunction' in one) {
    const [left, right] = [fits(one.left, allowed), fits(one.right, allowed)];
    return one.conjunction === 'or' ? left || right : left && right;
  }
  const name = `${one.license}${one.plus === true ? '+' : ''}`;
  return allowed.has(one.exception === undefined ? name : `${name} WITH ${one.exception}`);
}

function read(text: string, where: string): Expression {
  const allowed =
    'must be an SPDX expression, e.g. CC-BY-4.0, MIT OR Apache-2.0, or LicenseRef-NAME for one of your own';
  if (text.trim() === '' || text.length > LONGEST) throw new InputError(`${where} ${text.slice(0, 60)}`, allowed);
  try {
    return expression.parse(parseExpression(text));
  } catch (cause) {
    throw new InputError(`${where} ${text}`, allowed, { cause });
  }
}
