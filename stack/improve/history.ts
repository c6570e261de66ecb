import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();
const set = z.strictObject({ source: z.string().min(1), sha256, episodes: count });
export type SetFacts = Readonly<z.infer<typeof set>>;

/** What later turns read of the record of a turn. */
const record = z.looseObject({
  schema: z.literal('surepick.improvement'),
  version: z.literal(1),
  turn: z.number().int().positive(),
  promoted: z.boolean(),
  corrections: set.nullable(),
});
const setup = z.strictObject({ command: z.string(), parent: sha256, data: z.array(sha256) });
/** What a turn was begun as. */
export type TurnSetup = Readonly<z.infer<typeof setup>>;

/** The turns of a policy: NAME.improve beside NAME.onnx, with turn-K.json of each that is over and turn-K of its files. */
export class TurnHistory {
  readonly folder: string;
  /** Turns that are over. */
  readonly turns: number;
  /** Sets of corrections of those turns, oldest first. */
  readonly corrections: readonly SetFacts[];

  private constructor(folder: string, turns: number, corrections: readonly SetFacts[]) {
    this.folder = folder;
    this.turns = turns;
    this.corrections = corrections;
  }

  /** Throws InputError if a record cannot be read, or one is missing between others. */
  static open(policy_file: string): TurnHistory {
    const folder = `${policy_file.replace(/\.onnx$/, '')}.improve`;
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^turn-\d+\.json$/.test(name)) : [];
    const corrections: SetFacts[] = [];
    for (let turn = 1; turn <= names.length; turn++) {
      const read = readRecord(join(folder, `turn-${turn}.json`), turn);
      if (read !== null) corrections.push(read);
    }
    return new TurnHistory(folder, names.length, corrections);
  }

  /** The number of the turn that comes now. */
  get next(): number {
    return this.turns + 1;
  }

  /** The folder of the turn that comes now. */
  get working(): string {
    return join(this.folder, `turn-${this.next}`);
  }

  /** Begins a turn, or takes up the one that was interrupted. Throws InputError where that was another. */
  begin(as: TurnSetup, resume: boolean): void {
    const { working } = this;
    const file = join(working, 'turn.json');
    if (existsSync(file)) {
      if (!resume)
        throw new InputError(working, 'is of a turn that was interrupted: go on with --resume, or remove it');
      const before = setup.safeParse(parseJson(file));
      if (!before.success)
        throw new InputError(file, `${before.error.issues[0].path.join('.')} is not of a turn; remove ${working}`);
      for (const field of ['command', 'parent', 'data'] as const) {
        const [was, is] = [before.data[field], as[field]].map(String);
        if (was !== is) throw new InputError(`${file}: ${field} ${was}`, `this turn has ${is}`);
      }
      return;
    }
    mkdirSync(working, { recursive: true });
    writeWhole(file, as);
  }

  /** Ends the turn that comes now; where its record was written. */
  end(document: { readonly turn: number }): string {
    const file = join(this.folder, `turn-${this.next}.json`);
    writeWhole(file, { schema: 'surepick.improvement', version: 1, ...document });
    return file;
  }
}

/** Sets that none of the known ones has the source of: what the checks left of a set has its source, and another hash. */
export function notAmong(sets: readonly SetFacts[], known: readonly SetFacts[]): readonly SetFacts[] {
  return sets.filter(({ source }) => known.every((set) => set.source !== source));
}

function readRecord(file: string, turn: number): SetFacts | null {
  const parsed = record.safeParse(parseJson(file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InputError(`${file}: ${issue.path.join('.') || 'document'}`, issue.message);
  }
  if (parsed.data.turn !== turn) throw new InputError(`${file}: turn ${parsed.data.turn}`, `${turn}, by its name`);
  return parsed.data.corrections;
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new InputError(file, `cannot be read as JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function writeWhole(file: string, document: object): void {
  writeFileSync(`${file}.next`, `${JSON.stringify(document, null, 2)}\n`);
  renameSync(`${file}.next`, file);
}
