import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { cli, type Ended } from './support/cli.ts';
import { hostedCli } from './support/cli_host.ts';
import { filesBelow, read } from './support/sources.ts';

const DOCS = filesBelow().filter((path) => /^[A-Z]+\.md$|^docs\/.*\.md$/.test(path));
const files = filesBelow();

/** Written by running, so no part of the checkout. */
const OUTPUTS =
  /^(runs|out|dist|node_modules|coverage|\.cache)\b|\bepisodes\/|\.part$|^(report\.html|manifest\.json|dataset\.json|merkle\.json|surepick_export\.json|outlets\.(yaml|jsonl)|surepick\/dataset)$/i;
const EXTENSION = /\.(ts|mjs|sh|md|json|html|svg|png|urdf|srdf|onnx|py|yaml)$/;

const inlineCode = (text: string) =>
  [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map((match) => match[1]);
const blocks = (text: string) =>
  [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].flatMap((match) => match[1].split('\n'));

function namesPath(code: string): boolean {
  if (/[\s<>{}()=:]/.test(code) || /^[/@~.]*\//.test(code) || code.startsWith('@') || OUTPUTS.test(code)) return false;
  return code.includes('/') || EXTENSION.test(code);
}

/** A bare file name stands for a file of that name anywhere. */
function exists(path: string): boolean {
  if (!path.includes('/') && !existsSync(join(PACKAGE_ROOT, path))) {
    return path.startsWith('*') || files.some((file) => file.endsWith(`/${path}`));
  }
  if (!path.includes('*')) return existsSync(join(PACKAGE_ROOT, path));
  const pattern = new RegExp(`(^|/)${path.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')}$`);
  return files.some((file) => pattern.test(file));
}

/** The verb, the word after it and the options of a `surepick` or `npm` command in a piece of code. */
function commandOf(code: string): { verb: string; next: string; options: string[] } | null {
  const line = code
    .trim()
    .replace(/^\$ /, '')
    .replace(/^npx --no-install /, '');
  const options = [...line.matchAll(/\s(--[a-z][\w-]*)/g)].map((match) => match[1]);
  if (/^npm start\b/.test(line)) return { verb: 'run', next: '', options: options.filter((option) => option !== '--') };
  const match = /^surepick ([a-z][\w-]*)(?: ([a-z][\w-]*))?/.exec(line);
  return match === null ? null : { verb: match[1], next: match[2] ?? '', options };
}

const asked = new Map<string, Promise<Ended>>();

/** What `surepick VERB --help` says; each verb is asked once. */
function help(...verb: string[]): Promise<Ended> {
  const key = verb.join(' ');
  const answer = asked.get(key) ?? hostedCli([...verb, '--help'], PACKAGE_ROOT);
  asked.set(key, answer);
  return answer;
}

describe.each(DOCS)('%s', (doc) => {
  const text = read(doc);
  const codes = inlineCode(text);
  const commands = [...codes, ...blocks(text)].flatMap((code) => commandOf(code) ?? []);

  it('names only paths that exist', () => {
    expect(codes.filter(namesPath).filter((path) => !exists(path))).toEqual([]);
  });

  it('links only to what exists', () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1].replace(/#.*$/, ''));
    const inside = links.filter((link) => link !== '' && !/^[a-z]+:/.test(link));
    expect(inside.filter((link) => !exists(posix.join(dirname(doc), link)))).toEqual([]);
  });

  it('names only npm scripts that exist', () => {
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')));
    const named = [...text.matchAll(/\bnpm run ([\w:]+)/g)].map((match) => match[1]);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('names only verbs and options that the command line has', async () => {
    const unknown: string[] = [];
    for (const { verb, next, options } of commands) {
      const named = await help(verb);
      const below = next !== '' && new RegExp(`^ {2}${next}\\b`, 'm').test(named.stdout.split('Commands:')[1] ?? '');
      const { code, stdout } = below ? await help(verb, next) : named;
      const called = below ? `${verb} ${next}` : verb;
      if (code !== 0) unknown.push(called);
      unknown.push(
        ...options.filter((option) => !new RegExp(`${option}\\b`).test(stdout)).map((o) => `${called} ${o}`),
      );
    }
    expect(unknown).toEqual([]);
  });
});

describe('the command line explains itself', () => {
  let verbs: string[] = [];

  beforeAll(async () => {
    const { stdout } = await help();
    const listed = stdout.slice(stdout.indexOf('Commands:')).matchAll(/^ {2}([a-z][\w-]*)/gm);
    verbs = [...listed].map((match) => match[1]).filter((verb) => verb !== 'help');
  });

  it('in a process of its own as in one that it shares', async () => {
    expect(await cli(['--help'], PACKAGE_ROOT)).toEqual(await help());
  });

  it('with an example for every verb', async () => {
    const silent: string[] = [];
    for (const verb of verbs) {
      const { code, stdout } = await help(verb);
      if (code !== 0 || !stdout.includes(`surepick ${verb}`)) silent.push(verb);
      const examples = stdout.split('\n').filter((line) => line.includes('Example'));
      if (examples.length === 0 && !/^Commands:/m.test(stdout)) silent.push(`${verb}: no example`);
    }
    expect(verbs).toContain('doctor');
    expect(silent).toEqual([]);
  });

  it('and the README names every verb', () => {
    const text = read('README.md');
    expect(verbs.filter((verb) => !new RegExp(`\`${verb}\\b`).test(text))).toEqual([]);
  });
});

describe('docs/dependencies.md', () => {
  const manifest = z
    .object({ dependencies: z.record(z.string(), z.string()), devDependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read('package.json')));
  const sections = read('docs/dependencies.md').split(/^## /m);
  const rows = (section: string) => [...section.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]).sort();

  it('names every direct dependency, in its section, and nothing else', () => {
    expect(rows(sections[1])).toEqual(Object.keys(manifest.dependencies).sort());
    expect(rows(sections[2])).toEqual(Object.keys(manifest.devDependencies).sort());
  });

  it('gives each its licence as the package states it', () => {
    const differing = [...rows(sections[1]), ...rows(sections[2])].filter((name) => {
      const { license } = z
        .object({ license: z.string() })
        .parse(JSON.parse(read(`node_modules/${name}/package.json`)));
      const row =
        read('docs/dependencies.md')
          .split('\n')
          .find((line) => line.startsWith(`| \`${name}\` |`)) ?? '';
      return !license.split(' OR ').every((id) => row.split('|').at(-2)?.includes(id));
    });
    expect(differing).toEqual([]);
  });
});
