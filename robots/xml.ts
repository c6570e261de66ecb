import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';
import { InputError } from '../contracts/index.ts';

/** An element of an XML file, its children in document order. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Text directly inside, trimmed. */
  readonly text: string;
}

const attributes = z.record(z.string(), z.string());
const nodes = z.array(z.record(z.string(), z.unknown()));

/** The root element of XML text; `file` names it in errors, `kind` says what it should be. Throws InputError. */
export function parseXml(text: string, file: string, kind: string): XmlElement {
  const validity = XMLValidator.validate(text);
  if (validity !== true) {
    throw new InputError(`${file} line ${validity.err.line}: ${validity.err.msg}`, `${kind} is well-formed XML`);
  }
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    parseAttributeValue: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
  });
  let roots: XmlElement[];
  try {
    roots = elementsOf(parser.parse(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`${file}: ${reason}`, `${kind} is well-formed XML`, { cause: error });
  }
  if (roots.length !== 1) throw new InputError(`${file} has ${roots.length} root elements`, `${kind} has one`);
  return roots[0];
}

function elementsOf(parsed: unknown): XmlElement[] {
  return nodes.parse(parsed).flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ':@');
    if (name === undefined || name === '#text') return [];
    const inside = nodes.parse(node[name]);
    return [
      {
        name,
        attributes: attributes.parse(node[':@'] ?? {}),
        children: elementsOf(inside),
        text: inside.map((child) => ('#text' in child ? String(child['#text']) : '')).join(''),
      },
    ];
  });
}

/** Children of that name. */
export function childrenOf({ children }: XmlElement, name: string): XmlElement[] {
  return children.filter((child) => child.name === name);
}

/** The first child of that name, or undefined. */
export function childOf({ children }: XmlElement, name: string): XmlElement | undefined {
  return children.find((child) => child.name === name);
}
