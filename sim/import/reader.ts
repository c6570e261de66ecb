import { InputError, type Vector3 } from '../../contracts/index.ts';
import type { XmlElement } from '../../robots/index.ts';

/** Reads elements of a scene description; every error names the file, the element and what is allowed. */
export class Reader {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  fail(place: string, what: string, allowed: string): never {
    throw new InputError(`${this.file}: ${place}: ${what}`, allowed);
  }

  /** Refuses by name attributes and children that are not read. */
  only(element: XmlElement, place: string, attributes: readonly string[], children: readonly string[]): void {
    for (const name of Object.keys(element.attributes)) {
      if (!attributes.includes(name)) this.fail(place, `attribute ${name} of <${element.name}>`, listed(attributes));
    }
    for (const { name } of element.children) {
      if (!children.includes(name)) this.fail(place, `<${name}> in <${element.name}>`, listed(children));
    }
  }

  /** Numbers of a text, from `least` to `most` of them. */
  list(text: string, place: string, what: string, least: number, most = least): number[] {
    const values = text.trim().split(/\s+/).map(Number);
    if (values.length < least || values.length > most || !values.every(Number.isFinite)) {
      const count = least === most ? `${least}` : `${least} to ${most}`;
      this.fail(place, `${what} "${text.trim().slice(0, 60)}"`, `must be ${count} finite numbers`);
    }
    return values;
  }

  vector(text: string, place: string, what: string): Vector3 {
    const [x, y, z] = this.list(text, place, what, 3);
    return [x, y, z];
  }

  number(text: string, place: string, what: string): number {
    return this.list(text, place, what, 1)[0];
  }

  positive(value: number, place: string, what: string): number {
    if (!(value > 0)) this.fail(place, `${what} ${value}`, 'must be above 0');
    return value;
  }
}

function listed(names: readonly string[]): string {
  return names.length === 0
    ? 'it is not read; nothing is allowed here'
    : `it is not read; allowed are ${names.join(', ')}`;
}
