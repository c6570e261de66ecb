// Has Node load TypeScript itself: what the tests import then runs as Node runs it, not through the test runner's wrappers.
import { register } from 'node:module';

// Here rather than by --import, which threads and processes of the tests would take over.
// Once a process, which may run this for each of its files.
const LOADS = Symbol.for('surepick.loads_typescript');
if (!globalThis[LOADS]) register('./typescript_hooks.mjs', import.meta.url);
globalThis[LOADS] = true;
process.setSourceMapsEnabled(true);
