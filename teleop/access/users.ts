import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError, parseMessage } from '../../contracts/index.ts';
import { preparePrivateFolder, readPrivateFile } from '../../safety/index.ts';
import { type Grant, LOCAL_USER } from './login_codes.ts';
import { checkPassword, hashPassword, isPassword, passwordHash, SCRYPT_COST, unmatchedHash } from './passwords.ts';
import { replacePrivateFile } from './private_json.ts';
import { ROLES, type Role } from './roles.ts';
import { base64url, type RandomBytes, systemRandom, systemWallClock, type WallClock } from './secret_bytes.ts';

const USER_NAME = /^[a-z][a-z0-9._-]{0,31}$/;
const SERIAL_BYTES = 9;

const userSchema = z.strictObject({
  name: z.string().regex(USER_NAME),
  role: z.enum(ROLES),
  /** Another one after every change: sessions of before end. */
  serial: z.string().min(1).max(64),
  created_at: z.iso.datetime(),
  password: passwordHash,
});
const fileSchema = z.strictObject({
  schema: z.literal('surepick.teleop_users'),
  version: z.literal(1),
  users: z.array(userSchema).max(1000),
});
type KeptUser = Readonly<z.infer<typeof userSchema>>;

/** What others may know of a user. */
export type User = Pick<KeptUser, 'name' | 'role' | 'created_at'>;

export interface UsersOptions {
  readonly folder: string;
  readonly random?: RandomBytes;
  readonly cost?: typeof SCRYPT_COST;
  readonly now?: WallClock;
  /** Told, in words, when the file has become one that cannot be used; what was known stays. */
  readonly tell?: (problem: string) => void;
}

/** The file is looked at this often, for what other processes change. */
const LOOK_MS = 1000;

/** Named users as the file `users.json` (mode 0600) of a private folder, for use over a network. */
export class Users {
  readonly file: string;
  private readonly folder: string;
  private readonly random: RandomBytes;
  private readonly cost: typeof SCRYPT_COST;
  private readonly now: WallClock;
  private readonly tell: (problem: string) => void;
  private looked_ms: number;
  private users: readonly KeptUser[] = [];
  private read_as = '';

  /** Throws InputError for a file that others can read or that is none of users. */
  constructor(options: UsersOptions) {
    const { folder, random = systemRandom, cost = SCRYPT_COST, now = systemWallClock, tell = () => {} } = options;
    this.file = join(folder, 'users.json');
    this.folder = folder;
    this.random = random;
    this.cost = cost;
    this.now = now;
    this.tell = tell;
    this.looked_ms = now();
    this.refresh();
  }

  list(): readonly User[] {
    return this.users.map(({ name, role, created_at }) => ({ name, role, created_at }));
  }

  /** Throws InputError where the name or the password is none, or the name is taken. @param created_at  ISO 8601 */
  async add(name: string, role: Role, password: string, created_at: string): Promise<void> {
    this.checkNew(name);
    checkPassword(password, 'password');
    const kept = await hashPassword(password, this.random, this.cost);
    this.refresh();
    this.checkNew(name);
    this.write([...this.users, { name, role, serial: this.newSerial(), created_at, password: kept }]);
  }

  /** Throws InputError where there is no such user; so do the others. */
  remove(name: string): void {
    this.find(name);
    this.write(this.users.filter((user) => user.name !== name));
  }

  async setPassword(name: string, password: string): Promise<void> {
    this.find(name);
    checkPassword(password, 'password');
    const kept = await hashPassword(password, this.random, this.cost);
    this.change(name, { password: kept });
  }

  setRole(name: string, role: Role): void {
    this.change(name, { role });
  }

  /** For whom a name and a password are; null for a wrong one of either, after the same time. */
  async verify(name: string, password: string): Promise<Grant | null> {
    this.look();
    const user = this.users.find((one) => one.name === name);
    const fits = await isPassword(password, user?.password ?? unmatchedHash(this.random, this.cost));
    return fits && user !== undefined ? { user: user.name, role: user.role, serial: user.serial } : null;
  }

  /** Whether a user is who it was when a session was opened. */
  isCurrent({ user, role, serial }: Grant): boolean {
    this.look();
    return this.users.some((one) => one.name === user && one.role === role && one.serial === serial);
  }

  /** Reads the file again if it has changed. Throws InputError where it cannot be used; what was known stays then. */
  refresh(): void {
    if (!existsSync(this.file)) {
      [this.users, this.read_as] = [[], ''];
      return;
    }
    const { ino, mtimeMs, size } = statSync(this.file);
    const state = `${ino} ${mtimeMs} ${size}`;
    if (state === this.read_as) return;
    this.users = parseMessage(fileSchema, parsed(readPrivateFile(this.file), this.file), this.file).users;
    this.read_as = state;
  }

  checkNew(name: string): void {
    if (!USER_NAME.test(name) || name === LOCAL_USER)
      throw new InputError(
        `user ${name}`,
        `lower-case letters, digits, ., _ and -, first a letter, 32 at most; not ${LOCAL_USER}`,
      );
    if (this.users.some((user) => user.name === name)) throw new InputError(`user ${name}`, 'is there already');
  }

  /** Throws InputError where there is no such user. */
  find(name: string): User {
    const user = this.users.find((one) => one.name === name);
    if (user !== undefined) return user;
    const names = this.users.map((one) => one.name);
    throw new InputError(
      `user ${name}`,
      `one of: ${names.join(', ') || 'none yet; surepick teleop users add NAME --role ROLE'}`,
    );
  }

  private look(): void {
    const now_ms = this.now();
    if (Math.abs(now_ms - this.looked_ms) < LOOK_MS) return;
    this.looked_ms = now_ms;
    try {
      this.refresh();
    } catch (error) {
      this.tell(error instanceof Error ? error.message : String(error));
    }
  }

  private change(name: string, changes: Partial<Pick<KeptUser, 'role' | 'password'>>): void {
    this.refresh();
    this.find(name);
    const serial = this.newSerial();
    this.write(this.users.map((user) => (user.name === name ? { ...user, ...changes, serial } : user)));
  }

  private newSerial(): string {
    return base64url(this.random(SERIAL_BYTES));
  }

  private write(users: readonly KeptUser[]): void {
    preparePrivateFolder(this.folder);
    const content = { schema: 'surepick.teleop_users', version: 1, users };
    replacePrivateFile(this.file, `${JSON.stringify(content, null, 2)}\n`);
    this.refresh();
  }
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError(where, 'must be JSON', { cause });
  }
}
