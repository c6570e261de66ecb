import { setImmediate as breathe } from 'node:timers/promises';
import type { Statement } from 'node-sqlite3-wasm';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import type { BagDefinition, BagStorage, BagTopic, StoredMessage, SurveyTarget } from './bag_storage.ts';
import { bytesInWords, LIMITS } from './limits.ts';
import { ReadOnlyDatabase } from './sqlite_database.ts';

const BREATH = 2000;
const MOST_TEXT = 4096;
/** A row of `messages` takes more than this in its file, whatever it holds. */
const LEAST_ROW_BYTES = 6;

const SURVEY =
  'SELECT rowid AS id, topic_id, timestamp, length(data) AS bytes, typeof(data) AS kind FROM messages NOT INDEXED ORDER BY rowid';

const integer = z.union([z.number().int(), z.bigint()]).transform(BigInt);
const table = z.object({ type: z.string(), sql: z.string().nullable() });
const column = z.object({ name: z.string(), hidden: z.number() });
const topicRow = z.object({
  id: z.number().int(),
  name: z.string().min(1),
  type: z.string().min(1),
  serialization_format: z.string(),
  offered_qos_profiles: z.string().default(''),
  type_description_hash: z.string().default(''),
});
const definitionRow = z.object({
  topic_type: z.string(),
  encoding: z.string(),
  encoded_message_definition: z.string(),
});
const metadataRow = z.object({ metadata: z.string() });
const messageRow = z.object({
  id: z.union([z.number().int(), z.bigint()]).transform(Number),
  topic_id: z.number(),
  timestamp: integer,
  bytes: z.number().int(),
  kind: z.string(),
});

/** An sqlite3 file of rosbag2, database schemas 1 to 4 (Foxy to Kilted). */
export class SqliteStorage implements BagStorage {
  readonly serialized_metadata: string;
  readonly metadata = new Map<string, Readonly<Record<string, string>>>();
  readonly attachments = [];
  private readonly database: ReadOnlyDatabase;
  private readonly topics: ReadonlyMap<number, BagTopic>;
  private reading: Statement | null = null;

  private constructor(database: ReadOnlyDatabase, topics: ReadonlyMap<number, BagTopic>, serialized_metadata: string) {
    this.database = database;
    this.topics = topics;
    this.serialized_metadata = serialized_metadata;
  }

  /** Throws an InputError for a file that is no rosbag2 database. */
  static async open(file: string): Promise<SqliteStorage> {
    const database = new ReadOnlyDatabase(file);
    try {
      await database.open();
      columnsOf(database, 'messages', ['topic_id', 'timestamp', 'data']);
      return new SqliteStorage(database, topicsOf(database), metadataOf(database));
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  async survey(target: SurveyTarget): Promise<void> {
    for (const [id, topic] of this.topics) target.topic(id, topic);
    const { database } = this;
    const most = database.bytes / LEAST_ROW_BYTES;
    await database.open();
    const statement = database.use((open) => open.prepare(SURVEY));
    const rows = statement.iterate();
    let [seen, last] = [0, Number.NEGATIVE_INFINITY];
    try {
      for (let row = this.next(rows, seen, target); row !== null; row = this.next(rows, seen, target)) {
        if (++seen > most || row.id <= last) {
          target.note(`after message ${seen} its pages repeat themselves; what follows is left out`);
          break;
        }
        last = row.id;
        this.take(row, target);
        if (seen % BREATH !== 0) continue;
        target.signal.throwIfAborted();
        await breathe();
      }
    } finally {
      finalize(statement);
    }
  }

  async read(part: number): Promise<StoredMessage> {
    await this.database.open();
    const row = this.database.use((open) => {
      this.reading ??= open.prepare('SELECT timestamp, data FROM messages WHERE rowid = ?');
      return this.reading.get([part]);
    });
    const parsed = z.object({ timestamp: integer, data: z.instanceof(Uint8Array) }).safeParse(row);
    if (!parsed.success) throw new InputError(`bag ${this.database.file}: message ${part}`, 'is gone');
    return { publish_ns: parsed.data.timestamp, data: parsed.data.data };
  }

  async close(): Promise<void> {
    if (this.reading !== null) finalize(this.reading);
    this.reading = null;
    await this.database.close();
  }

  private take({ id, topic_id, timestamp, bytes, kind }: z.infer<typeof messageRow>, target: SurveyTarget): void {
    const place = `message ${id}`;
    if (!this.topics.has(topic_id)) target.note(`${place}: is of topic ${topic_id}, which is not declared`);
    else if (kind !== 'blob') target.note(`${place}: its data are ${kind}, not bytes`);
    else if (bytes > LIMITS.message_bytes)
      target.note(`${place}: has ${bytesInWords(bytes)}, at most ${bytesInWords(LIMITS.message_bytes)}`);
    else target.message(topic_id, timestamp, id, 0);
  }

  /** The next row; null at the end, or where damage ends what can be read. */
  private next(rows: Iterator<unknown>, seen: number, target: SurveyTarget): z.infer<typeof messageRow> | null {
    for (;;) {
      try {
        const { done, value } = rows.next();
        if (done === true) return null;
        const row = messageRow.safeParse(value);
        if (row.success) return row.data;
        target.note(`a message after ${seen} others: its ${row.error.issues[0].path.join('.')} is none`);
      } catch (error) {
        const told = this.database.inWords(error);
        if (!(told instanceof InputError) || seen === 0) throw told;
        target.note(`after ${seen} messages the file is damaged (${errorText(error)}); what follows is left out`);
        return null;
      }
    }
  }
}

/** A statement that met a damaged page says so once more. */
function finalize(statement: Statement): void {
  try {
    statement.finalize();
  } catch {
    // it was told already
  }
}

/** Only real tables with the columns of rosbag2 are read: a view or a generated column could make rows without end. */
function columnsOf(database: ReadOnlyDatabase, name: string, needed: readonly string[]): readonly string[] {
  if (!hasTable(database, name)) {
    throw new InputError(`bag ${database.file}`, `is no rosbag2 database: it has no table ${name}`);
  }
  const has = rowsOf(database, column, `PRAGMA table_xinfo(${name})`);
  const plain = has.filter(({ hidden }) => hidden === 0).map((each) => each.name);
  const missing = needed.filter((each) => !plain.includes(each));
  if (missing.length === 0) return plain;
  throw new InputError(`bag ${database.file}`, `is no rosbag2 database: ${name} has no column ${missing.join(', ')}`);
}

function topicsOf(database: ReadOnlyDatabase): ReadonlyMap<number, BagTopic> {
  const definitions = definitionsOf(database);
  const has = columnsOf(database, 'topics', ['id', 'name', 'type', 'serialization_format']);
  const chosen = [
    'id',
    ...['name', 'type', 'serialization_format', 'type_description_hash'].map((each) => upTo(each, MOST_TEXT)),
    upTo('offered_qos_profiles', LIMITS.definition_bytes),
  ].filter((each) => has.some((name) => each === name || each.endsWith(` AS ${name}`)));
  return new Map(
    rowsOf(database, topicRow, `SELECT ${chosen.join(', ')} FROM topics`).map((row) => [
      row.id,
      {
        name: row.name,
        type: row.type,
        serialization: row.serialization_format,
        qos: row.offered_qos_profiles,
        type_hash: row.type_description_hash,
        definition: definitions.get(row.type) ?? null,
      },
    ]),
  );
}

function definitionsOf(database: ReadOnlyDatabase): ReadonlyMap<string, BagDefinition> {
  if (!hasTable(database, 'message_definitions')) return new Map();
  const columns = [
    ...['topic_type', 'encoding'].map((each) => upTo(each, MOST_TEXT)),
    upTo('encoded_message_definition', LIMITS.definition_bytes),
  ];
  const rows = rowsOf(database, definitionRow, `SELECT ${columns.join(', ')} FROM message_definitions`);
  return new Map(
    rows.map(({ topic_type, encoding, encoded_message_definition }) => [
      topic_type,
      { encoding, text: encoded_message_definition },
    ]),
  );
}

function metadataOf(database: ReadOnlyDatabase): string {
  if (!hasTable(database, 'metadata')) return '';
  const chosen = upTo('metadata', LIMITS.metadata_bytes);
  const [row] = rowsOf(database, metadataRow, `SELECT ${chosen} FROM metadata ORDER BY id DESC LIMIT 1`);
  return row?.metadata ?? '';
}

function hasTable(database: ReadOnlyDatabase, name: string): boolean {
  const query = `SELECT type, sql FROM sqlite_master WHERE name = '${name}' LIMIT 1`;
  const [found] = rowsOf(database, table, query);
  return found?.type === 'table' && !/^\s*CREATE\s+VIRTUAL/i.test(found.sql ?? '');
}

/** A column's text, or nothing where it is longer: its length is known without reading it. */
const upTo = (name: string, bytes: number): string =>
  `CASE WHEN octet_length(${name}) <= ${bytes} THEN ${name} END AS ${name}`;

/** Rows of a small table. Throws an InputError for one that is not as it should be, or for too many. */
function rowsOf<T>(database: ReadOnlyDatabase, shape: z.ZodType<T>, query: string): T[] {
  return database.use((open) => {
    const rows: T[] = [];
    const statement = open.prepare(query);
    try {
      for (const row of statement.iterate()) {
        const parsed = shape.safeParse(row);
        if (!parsed.success) {
          const [issue] = parsed.error.issues;
          throw new InputError(`bag ${database.file}: ${tableOf(query)}: ${issue.path.join('.')}`, issue.message);
        }
        if (rows.push(parsed.data) > LIMITS.topics) {
          throw new InputError(`bag ${database.file}: ${tableOf(query)}`, `may have at most ${LIMITS.topics} rows`);
        }
      }
    } finally {
      statement.finalize();
    }
    return rows;
  });
}

const tableOf = (query: string): string => /(?:FROM|PRAGMA) (\w+)/.exec(query)?.[1] ?? query;
const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));
