import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { EpochFile, MOST_EPOCH } from './epoch_file.ts';

const folders: string[] = [];
const WALL_S = 1_790_000_000;

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'surepick-epoch-'));
  folders.push(made);
  return made;
}
const open = (where: string, wall_s = WALL_S) => new EpochFile(where, 1000 * wall_s);
const fileIn = (where: string) => join(where, 'epoch.json');

afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true });
});

describe('the epoch on disk', () => {
  it('is there before anybody is granted it, and for its owner alone', () => {
    const where = folder();
    const epoch = open(where).next();
    expect(JSON.parse(readFileSync(fileIn(where), 'utf8'))).toMatchObject({ epoch });
    expect(statSync(fileIn(where)).mode & 0o777).toBe(0o600);
    expect(existsSync(`${fileIn(where)}.part`)).toBe(false);
  });

  it('rises with every grant and every start, whatever becomes of file and clock in between', () => {
    for (let seed = 0; seed < 4; seed++) {
      const rng = createRng(seed, 'epochs');
      const where = folder();
      let wall_s = WALL_S;
      let newest = 0;
      const backups: string[] = [];
      for (let start = 0; start < 12; start++) {
        const file = open(where, wall_s);
        for (let grant = 0; grant <= rng.int(4); grant++) {
          const epoch = file.next();
          expect(epoch, `seed ${seed}, start ${start}`).toBeGreaterThan(newest);
          newest = epoch;
          backups.push(readFileSync(fileIn(where), 'utf8'));
        }
        const mishap = rng.int(6);
        // as long as one of the two goes on: a sound file, or the time of day
        if (mishap === 0) wall_s -= rng.int(100_000);
        else wall_s = Math.max(wall_s, newest) + 1 + rng.int(1000);
        if (mishap === 1) rmSync(fileIn(where));
        if (mishap === 2) writeFileSync(fileIn(where), backups[rng.int(backups.length)].slice(0, rng.int(40)));
        if (mishap === 3) writeFileSync(fileIn(where), backups[rng.int(backups.length)]);
        if (mishap === 4)
          writeFileSync(
            fileIn(where),
            Uint8Array.from({ length: rng.int(64) }, () => rng.int(256)),
          );
      }
    }
  });

  it('says that a file is damaged, and passes by when it was written too', () => {
    const where = folder();
    expect(open(where).problem).toBe('');
    writeFileSync(fileIn(where), '{"schema":"surepick/control-epoch","version":1,"epoch":-3}');
    utimesSync(fileIn(where), WALL_S + 500, WALL_S + 500);
    const file = open(where, 10);
    expect(file.problem).toContain('epoch.json');
    expect(file.next()).toBeGreaterThan(WALL_S + 500);
    writeFileSync(fileIn(where), 'x'.repeat(5000));
    expect(open(where).problem).toContain('5000 bytes');
  });

  it('gives nothing out that it cannot keep', () => {
    const where = folder();
    const file = open(where);
    const first = file.next();
    rmSync(fileIn(where));
    mkdirSync(`${fileIn(where)}.part`);
    expect(() => file.next()).toThrow(InputError);
    rmSync(`${fileIn(where)}.part`, { recursive: true });
    expect(file.next()).toBe(first + 1);
    chmodSync(fileIn(where), 0o644);
    file.next();
    expect(statSync(fileIn(where)).mode & 0o777).toBe(0o600);
  });

  it('ends before its numbers do not fit a page any more', () => {
    const where = folder();
    writeFileSync(
      fileIn(where),
      JSON.stringify({ schema: 'surepick/control-epoch', version: 1, epoch: MOST_EPOCH - 1 }),
    );
    const file = open(where);
    expect(file.next()).toBe(MOST_EPOCH);
    expect(() => file.next()).toThrow(/at most 4294967295/);
  });
});
