import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { PACKAGE_ROOT } from '../../contracts/index.ts';

const SKIPPED = new Set(['node_modules', 'dist', 'runs', 'out', 'coverage']);

/** Files below the package root, as paths with forward slashes, in order; hidden folders and outputs are left out. */
export function filesBelow(folder = PACKAGE_ROOT): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name.startsWith('.') || SKIPPED.has(entry.name) ? [] : filesBelow(path);
      return [relative(PACKAGE_ROOT, path).replaceAll('\\', '/')];
    });
}

export function sourceFiles(): string[] {
  return filesBelow().filter((path) => path.endsWith('.ts'));
}

export function read(path: string): string {
  return readFileSync(join(PACKAGE_ROOT, path), 'utf8');
}

/** The text with comments blanked; strings stay. */
export function withoutComments(text: string): string {
  const token = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return text.replace(token, (match) => (match.startsWith('/') ? match.replace(/[^\n]/g, ' ') : match));
}

const IMPORT =
  /\b(?:import|export)\s+(?:type\s+)?[\w\s{},*$]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]|new URL\(\s*['"](\.[^'"]+\.[jt]s)['"]/g;

const specifiers = (path: string) =>
  [...withoutComments(read(path)).matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3]);

/** Files that a source imports, as paths from the package root. */
export function importsOf(path: string): string[] {
  return specifiers(path)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(path), specifier));
}

/** Packages and Node's own modules that a source imports. */
export function packagesOf(path: string): string[] {
  return specifiers(path).filter((specifier) => !specifier.startsWith('.'));
}
