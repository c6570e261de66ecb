// Has Node take a test from where `bundle_tests.mjs` put it.
import { register } from 'node:module';

const { SUREPICK_BUNDLED: folder } = process.env;
if (folder !== undefined) register('./bundled_hooks.mjs', { parentURL: import.meta.url, data: folder });
