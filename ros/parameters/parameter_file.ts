import { readFileSync } from 'node:fs';
import { isMap, isScalar, LineCounter, type Pair, parseDocument, visit, type Node as YamlNode } from 'yaml';
import { InputError } from '../../contracts/index.ts';
import type { ParameterOverride } from './parameter_store.ts';
import { yamlValue } from './yaml_value.ts';

/** Parameters of a file for the nodes that `pattern` names. */
export interface FileParameters {
  /** Fully qualified name; `*` stands for one part of it, `**` for any number of parts. */
  readonly pattern: string;
  readonly parameters: readonly ParameterOverride[];
}

const PARAMETERS = 'ros__parameters';
const PART = /^(?:\*|\*\*|[A-Za-z_]\w*)$/;

/** Reads a ROS 2 parameter file. Throws an InputError with file, line and column. */
export function readParameterFile(file: string): readonly FileParameters[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InputError(file, 'cannot be read', { cause });
  }
  return parseParameterFile(text, file);
}

/**
 * A parameter file's text: nodes by their names or patterns, in nested namespaces or fully qualified, each with a map
 * `ros__parameters` (design.ros2.org/articles/ros_command_line_arguments.html). Order is kept: what comes later wins.
 */
export function parseParameterFile(text: string, file: string): readonly FileParameters[] {
  return new FileReader(text, file).read();
}

/** What a file gives the node of this fully qualified name, in the file's order. */
export function parametersFor(sections: readonly FileParameters[], node: string): readonly ParameterOverride[] {
  return sections.flatMap(({ pattern, parameters }) => (matches(pattern, node) ? parameters : []));
}

/** As rclcpp has it: of `/robot1/control`, `/*` stands for one part with its slash and `/**` for none or more. */
function matches(pattern: string, node: string): boolean {
  const source = pattern.replaceAll('/**', '(?:/\\w+)§').replaceAll('/*', '(?:/\\w+)').replaceAll('§', '*');
  return new RegExp(`^${source}$`).test(node);
}

function isEmpty(node: YamlNode | null): node is null {
  return node === null || (isScalar(node) && node.value === null);
}

class FileReader {
  private readonly file: string;
  private readonly text: string;
  private readonly lines = new LineCounter();
  private readonly sections: FileParameters[] = [];

  constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
  }

  read(): readonly FileParameters[] {
    const document = parseDocument<YamlNode>(this.text, { lineCounter: this.lines, intAsBigInt: true });
    const [error] = document.errors;
    if (error !== undefined) throw new InputError(this.place(error.pos[0]), error.message.split('\n')[0]);
    visit(document, {
      Alias: (_, alias) => {
        throw new InputError(`${this.at(alias)}: *${alias.source}`, 'ROS 2 has no aliases in parameter files');
      },
    });
    const root = document.contents;
    if (!isEmpty(root)) this.nodes(root, '');
    return this.sections;
  }

  private nodes(node: YamlNode, prefix: string): void {
    const where = this.at(node);
    if (!isMap<YamlNode, YamlNode>(node)) throw new InputError(where, `must be a map of nodes with ${PARAMETERS}`);
    if (node.items.length === 0 && prefix !== '') throw new InputError(where, `${prefix} has no ${PARAMETERS}`);
    for (const pair of node.items) {
      const key = this.key(pair);
      const value = pair.value ?? null;
      if (key === PARAMETERS) this.section(value, prefix, this.at(pair.key));
      else if (isEmpty(value)) throw new InputError(this.at(pair.key), `${key} has no ${PARAMETERS}`);
      else this.nodes(value, this.join(prefix, key, this.at(pair.key)));
    }
  }

  private join(prefix: string, key: string, where: string): string {
    const parts = key.split('/').filter((part, i) => i > 0 || part !== '');
    const wrong = parts.find((part) => !PART.test(part));
    if (wrong !== undefined || parts.length === 0) {
      throw new InputError(
        `${where}: node ${key}`,
        'must be names between slashes, * for one of them or ** for any number',
      );
    }
    return `${prefix}/${parts.join('/')}`;
  }

  private section(node: YamlNode | null, pattern: string, where: string): void {
    if (pattern === '') throw new InputError(`${where}: ${PARAMETERS}`, "must stand under a node's name, or under /**");
    if (isEmpty(node)) return;
    if (!isMap<YamlNode, YamlNode>(node))
      throw new InputError(this.at(node), `${PARAMETERS} must be a map of parameters`);
    this.sections.push({ pattern, parameters: this.parameters(node, '', pattern.includes('*')) });
  }

  private parameters(map: YamlNode, prefix: string, for_all: boolean): ParameterOverride[] {
    if (!isMap<YamlNode, YamlNode>(map)) return [];
    return map.items.flatMap((pair): ParameterOverride[] => {
      const name = `${prefix}${this.key(pair)}`;
      const inner = pair.value ?? null;
      if (isMap(inner)) return this.parameters(inner, `${name}.`, for_all);
      const where = this.at(inner ?? pair.key);
      const value = yamlValue(inner, `${where}: ${name}`);
      if (value === null)
        throw new InputError(`${where}: ${name}`, 'must be a number, a text, true or false, or a list of such');
      return [{ name, value, where, for_all }];
    });
  }

  private key({ key }: Pair<YamlNode, YamlNode>): string {
    if (isScalar(key) && key.value !== null) return String(key.value);
    throw new InputError(this.at(key), 'a name must be a text');
  }

  private at(node: YamlNode): string {
    return this.place(node.range?.[0] ?? 0);
  }

  private place(offset: number): string {
    const { line, col } = this.lines.linePos(offset);
    return `${this.file}:${line}:${col}`;
  }
}
