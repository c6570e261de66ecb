#!/usr/bin/env node
// The `surepick` command of a checkout: installs and builds only when something changed, then runs the verb.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkNode, prepare, ROOT } from './bootstrap.mjs';

checkNode();
const entry = join(ROOT, 'dist', 'cli', 'main.js');
// What is built can stop an arm, be it of older sources.
const stops = process.argv[2] === 'safety' && process.argv[3] === 'stop' && existsSync(entry);
if (!stops) prepare('run');
process.argv = [process.argv[0], entry, ...process.argv.slice(2)];
await import(pathToFileURL(entry).href);
