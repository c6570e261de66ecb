import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { type ImproveRecord, type SetFacts, sha256, type TurnOutcome, turnOutcome, turnRecord } from './record.ts';

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
      const read = readAs(turnRecord, join(folder, `turn-${turn}.json`), turn).corrections;
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
    if (!existsSync(this.begun)) {
      mkdirSync(this.working, { recursive: true });
      writeWhole(this.begun, as);
    } else this.takeUp(as, resume);
  }

  /**
   * How the turn that comes now was decided, where it was interrupted between that and its end; null where it was not.
   * Throws InputError where that was a turn of another command.
   */
  decided(command: string, resume: boolean): TurnOutcome | null {
    if (!existsSync(this.decision)) return null;
    this.takeUp({ command }, resume);
    return this.readDecision();
  }

  /** Writes what is to be done, all of it, before anything of it is. */
  decide(document: Omit<ImproveRecord, 'recipe'>): TurnOutcome {
    writeWhole(this.decision, { schema: 'surepick.improvement', version: 1, ...document });
    return this.readDecision();
  }

  /** Ends the turn that comes now, once what was decided is done; where its record is. */
  end(): string {
    const file = join(this.folder, `turn-${this.next}.json`);
    renameSync(this.decision, file);
    return file;
  }

  private get begun(): string {
    return join(this.working, 'turn.json');
  }

  private get decision(): string {
    return join(this.working, 'decided.json');
  }

  private readDecision(): TurnOutcome {
    return readAs(turnOutcome, this.decision, this.next);
  }

  private takeUp(as: Partial<TurnSetup>, resume: boolean): void {
    const { working, begun } = this;
    if (!resume) throw new InputError(working, 'is of a turn that was interrupted: go on with --resume, or remove it');
    const before = setup.safeParse(parseJson(begun));
    if (!before.success)
      throw new InputError(begun, `${before.error.issues[0].path.join('.')} is not of a turn; remove ${working}`);
    for (const field of ['command', 'parent', 'data'] as const) {
      if (as[field] === undefined) continue;
      const [was, is] = [before.data[field], as[field]].map(String);
      if (was !== is) throw new InputError(`${begun}: ${field} ${was}`, `this turn has ${is}`);
    }
  }
}

/** Sets that none of the known ones has the source of: what the checks left of a set has its source, and another hash. */
export function notAmong(sets: readonly SetFacts[], known: readonly SetFacts[]): readonly SetFacts[] {
  return sets.filter(({ source }) => known.every((set) => set.source !== source));
}

function readAs<T extends { readonly turn: number }>(schema: z.ZodType<T>, file: string, turn: number): T {
  const parsed = schema.safeParse(parseJson(file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InputError(`${file}: ${issue.path.join('.') || 'document'}`, issue.message);
  }
  if (parsed.data.turn !== turn) throw new InputError(`${file}: turn ${parsed.data.turn}`, `${turn}, by its name`);
  return parsed.data;
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
