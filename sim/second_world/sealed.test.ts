import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { PANDA } from '../../test/support/sim_rig.ts';
import { read, sourceFiles } from '../../test/support/sources.ts';
import { drawEffects, EFFECT_RANGES } from './draw_effects.ts';
import { effects, FACTORS } from './effects.ts';
import { readSealed, SEALED_SHA256, sealedText } from './sealed.ts';
import { openSecondWorld, secondWorldName } from './second_world.ts';

const folder = mkdtempSync(join(tmpdir(), 'second-world-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LIMITS_NM = [...PANDA.model.effort_limit.slice(0, 7)];
const text = sealedText(1, 7, drawEffects(createRng(1), LIMITS_NM));
function fileOf(content: string | Uint8Array): string {
  const file = join(folder, 'effects.json');
  writeFileSync(file, content);
  return file;
}

describe('the sealed file', () => {
  it('is the one that is pinned, as the script draws it', () => {
    const { sha256, joints } = readSealed(null);
    expect(sha256).toBe(SEALED_SHA256);
    expect(joints).toBe(7);
    // Drawn anew from the seed of the script that sealed it: nobody picked a value by hand.
    const seed = scriptSeed();
    expect(sha256Of(sealedText(seed, joints, drawEffects(createRng(seed, 'second_world'), LIMITS_NM)))).toBe(sha256);
  });

  it('is read by nobody else, and drawn by nobody', () => {
    const product = sourceFiles().filter((path) => !path.endsWith('.test.ts'));
    const naming = (words: RegExp) => product.filter((path) => words.test(read(path)));
    const inside = (path: string) => path.startsWith('sim/second_world/');
    expect(naming(/sealed\.json/)).toEqual(['sim/second_world/sealed.ts']);
    expect(naming(/\b(?:readSealed|drawEffects|EFFECT_RANGES)\b/).filter((path) => !inside(path))).toEqual([]);
    // Who learns, plans or sees cannot so much as open it.
    const opening = naming(/\bopenSecondWorld\b/).filter((path) => !inside(path) && !/^(?:stack|cli)\//.test(path));
    expect(opening).toEqual([]);
    expect(read('sim/second_world/index.ts')).not.toMatch(/\breadSealed\b|\bSEALED_|\beffects\b(?!\.ts)/);
  });

  it.each([
    ['not JSON', '{', 'JSON'],
    ['another schema', text.replace('surepick/second_world', 'other'), 'schema'],
    ['an unknown effect', text.replace('"gain":', '"wind":{},"gain":'), 'effects'],
    ['a value that is none', text.replace(/"gain_scale":[\d.]+/, '"gain_scale":-1'), 'gain_scale'],
    ['a list too short', text.replace(/"offset_rad":\[[^,]+,/, '"offset_rad":['), 'offset_rad'],
    ['half a gzip file', Uint8Array.of(0x1f, 0x8b, 8, 0), 'gzip'],
  ])('is refused with %s, by a message that tells no value', (_, content, word) => {
    const file = fileOf(content);
    let message = '';
    try {
      openSecondWorld(file);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      message = error.message;
    }
    expect(message).toContain(word);
    for (const value of numbersOf(text)) expect(message).not.toContain(value);
  });

  it('is pinned by a name that ends in its hash', () => {
    const file = fileOf(text);
    const world = openSecondWorld(secondWorldName(file, ['latency', 'gain']));
    expect(world.off).toEqual(['latency', 'gain']);
    expect(openSecondWorld(world.name).sha256).toBe(world.sha256);
    fileOf(sealedText(2, 7, drawEffects(createRng(2), LIMITS_NM)));
    expect(() => openSecondWorld(world.name)).toThrow(InputError);
    expect(() => openSecondWorld('sealed#without=weather')).toThrow(/joint_friction/);
    expect(() => openSecondWorld(join(folder, 'absent.json'))).toThrow(InputError);
  });

  it('shows none of its values from outside', () => {
    const world = openSecondWorld('sealed');
    const seen = JSON.stringify([world, { ...world }, Object.getOwnPropertyNames(world)]);
    for (const value of numbersOf(JSON.stringify(readSealed(null).effects))) expect(seen).not.toContain(value);
    expect(Object.keys(world).sort()).toEqual(['name', 'off', 'sha256']);
  });
});

describe('effects as they are drawn', () => {
  it('are the same for the same stream, and within their ranges', () => {
    expect(drawEffects(createRng(3), LIMITS_NM)).toEqual(drawEffects(createRng(3), LIMITS_NM));
    for (let seed = 0; seed < 50; seed++) {
      const drawn = drawEffects(createRng(seed), LIMITS_NM);
      expect(effects.safeParse(drawn).success, `seed ${seed}`).toBe(true);
      const [low, high] = EFFECT_RANGES.offset_rad;
      for (const offset of drawn.encoder_offset.offset_rad) {
        expect(Math.abs(offset)).toBeGreaterThanOrEqual(low);
        expect(Math.abs(offset)).toBeLessThanOrEqual(high);
      }
      // The wrist's drives are small, and so is their friction.
      const { breakaway_Nm } = drawn.stiction;
      const share = LIMITS_NM[6] / LIMITS_NM[0];
      expect(breakaway_Nm[6]).toBeLessThanOrEqual(share * EFFECT_RANGES.breakaway_Nm[1]);
      expect(EFFECT_RANGES.latency_cycles[0]).toBeLessThanOrEqual(drawn.latency.cycles);
      expect(EFFECT_RANGES.latency_cycles[1]).toBeGreaterThanOrEqual(drawn.latency.cycles);
    }
  });

  it('have a name each', () => {
    expect(Object.keys(drawEffects(createRng(1), LIMITS_NM)).sort()).toEqual([...FACTORS].sort());
  });
});

/** The seed that the script which seals the world takes when none is given. */
function scriptSeed(): number {
  const script = readFileSync(join(import.meta.dirname, '..', '..', 'scripts', 'seal_second_world.mjs'), 'utf8');
  const phrase = /sha256\('([^']+)'\)/.exec(script)?.[1] ?? '';
  return Number.parseInt(sha256Of(phrase).slice(0, 8), 16);
}

function sha256Of(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Numbers of a text with more than three digits, as they are written. */
function numbersOf(content: string): string[] {
  return [...content.matchAll(/-?\d+\.\d{4,}/g)].map(([value]) => value);
}
