import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RosBase } from './base.ts';
import { contentsOf, INTERFACE_PACKAGES, keyOf, ONLY_C } from './places.ts';

/** One of our interface packages that the ROS in use lacks. */
export interface InterfacePackage {
  readonly name: string;
  readonly source: string;
  /** Those of our packages that it builds on. */
  readonly depends: readonly string[];
  /** How many messages, services and actions it defines. */
  readonly definitions: number;
  /** Install prefix: another one for every change of the package, of what it builds on, or of how it is built. */
  readonly prefix: string;
}

/** In an order in which each comes after what it builds on. */
export function missingPackages(base: RosBase): InterfacePackage[] {
  const names = readdirSync(INTERFACE_PACKAGES).filter(
    (name) =>
      existsSync(join(INTERFACE_PACKAGES, name, 'package.xml')) &&
      !(base.kind === 'sourced' && base.prefixes.some((prefix) => existsSync(join(prefix, 'share', name)))),
  );
  const found = new Map<string, InterfacePackage>();
  const add = (name: string): InterfacePackage => {
    const known = found.get(name);
    if (known !== undefined) return known;
    const source = join(INTERFACE_PACKAGES, name);
    const depends = [...readFileSync(join(source, 'package.xml'), 'utf8').matchAll(/<depend>\s*([^<\s]+)/g)]
      .map((match) => match[1])
      .filter((other) => names.includes(other));
    const below = depends.map((other) => add(other).prefix);
    const key = keyOf([contentsOf(source), readFileSync(ONLY_C, 'utf8'), base.version, ...below]);
    const definitions = ['msg', 'srv', 'action'].reduce((sum, kind) => {
      const folder = join(source, kind);
      return sum + (existsSync(folder) ? readdirSync(folder).length : 0);
    }, 0);
    const made = { name, source, depends, definitions, prefix: join(base.folder, 'packages', `${name}-${key}`) };
    found.set(name, made);
    return made;
  };
  names.forEach(add);
  return [...found.values()];
}
