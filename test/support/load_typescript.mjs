// Has Node load TypeScript itself: what the tests import then runs as Node runs it, not through the test runner's wrappers.
import { register } from 'node:module';

// Here rather than by --import, which threads and processes of the tests would take over.
register('./typescript_hooks.mjs', import.meta.url);
process.setSourceMapsEnabled(true);
