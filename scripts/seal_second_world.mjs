// Draws the sealed second world and writes it: node scripts/seal_second_world.mjs [SEED FILE]. Needs a build; prints no
// value of it, only the SHA-256 that sim/second_world/sealed.ts pins. The default seed is nobody's choice: the first eight
// hexadecimal digits of the SHA-256 of "surepick second world".
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = join(fileURLToPath(import.meta.url), '..', '..');
const built = process.env.SUREPICK_DIST ?? join(root, 'dist');
const { drawEffects, sealedText } = await import(join(built, 'sim', 'index.js'));
const { loadRobot } = await import(join(built, 'robots', 'index.js'));
const { createRng } = await import(join(built, 'contracts', 'index.js'));
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

const [, , given, file = join(root, 'sim', 'second_world', 'sealed.json.gz')] = process.argv;
const seed = given === undefined ? Number.parseInt(sha256('surepick second world').slice(0, 8), 16) : Number(given);
if (!Number.isSafeInteger(seed) || seed < 0) {
  process.stderr.write(`error: seed ${given}: a whole number of at least 0\n`);
  process.exit(2);
}
const { model, arm_joints } = loadRobot('panda', { visualMeshes: false });
const limits = [...model.effort_limit.slice(0, arm_joints)];
const text = sealedText(seed, arm_joints, drawEffects(createRng(seed, 'second_world'), limits));
writeFileSync(file, gzipSync(text, { level: 9 }));
process.stdout.write(`${file}: SHA-256 of its content ${sha256(text)}\n`);
