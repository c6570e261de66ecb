// `npm start`: what running needs, then the main job. Options go on to it: npm start -- --episodes 3 --json
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkNode, prepare, ROOT } from './bootstrap.mjs';

checkNode();
prepare('run');
const entry = join(ROOT, 'dist', 'cli', 'main.js');
process.argv = [process.argv[0], entry, 'run', ...process.argv.slice(2)];
await import(pathToFileURL(entry).href);
