import { childrenOf, type XmlElement } from '../../robots/index.ts';
import type { Reader } from './reader.ts';

type Attributes = Readonly<Record<string, string>>;

/** Default classes of an MJCF file: attributes by class and element, those of the outer class included. */
export class MjcfDefaults {
  private readonly classes = new Map<string, ReadonlyMap<string, Attributes>>([['main', new Map()]]);
  private readonly read: Reader;
  private readonly known: Readonly<Record<string, readonly string[]>>;

  /** @param known  attributes that may be given, by element; others are refused */
  constructor(defaults: readonly XmlElement[], read: Reader, known: Readonly<Record<string, readonly string[]>>) {
    this.read = read;
    this.known = known;
    for (const element of defaults) this.add(element, 'main', new Map());
  }

  /** An element's attributes over those of its class, or of the class of its body. */
  apply(element: XmlElement, childclass: string): Attributes {
    const name = element.attributes.class ?? childclass;
    const own = this.classes.get(name);
    if (own === undefined)
      this.read.fail(`<${element.name}>`, `class ${name}`, 'must be a <default> class of the file');
    const inherited = own.get(element.name) ?? {};
    const replaced = ORIENTATIONS.some((key) => key in element.attributes);
    const kept = Object.entries(inherited).filter(([key]) => !(replaced && ORIENTATIONS.includes(key)));
    return { ...Object.fromEntries(kept), ...element.attributes };
  }

  private add(element: XmlElement, fallback: string, outer: ReadonlyMap<string, Attributes>): void {
    const { read, known } = this;
    const name = element.attributes.class ?? fallback;
    const place = `default "${name}"`;
    read.only(element, place, ['class'], ['default', ...Object.keys(known)]);
    const own = new Map(outer);
    for (const [kind, attributes] of Object.entries(known)) {
      for (const child of childrenOf(element, kind)) {
        read.only(child, place, attributes, []);
        own.set(kind, { ...own.get(kind), ...child.attributes });
      }
    }
    this.classes.set(name, own);
    for (const inner of childrenOf(element, 'default')) {
      if (inner.attributes.class === undefined) read.fail(place, '<default> without class', 'give inner ones a class');
      this.add(inner, name, own);
    }
  }
}

const ORIENTATIONS: readonly string[] = ['quat', 'axisangle', 'euler', 'xyaxes', 'zaxis'];
