#!/usr/bin/env node
// The `surepick` command of a checkout: installs and builds only when something changed, then runs the verb.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkNode, prepare, ROOT } from './bootstrap.mjs';

checkNode();
prepare('run');
const entry = join(ROOT, 'dist', 'cli', 'main.js');
process.argv = [process.argv[0], entry, ...process.argv.slice(2)];
await import(pathToFileURL(entry).href);
