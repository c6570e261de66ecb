import { InputError, noteSecret } from '../../contracts/index.ts';
import { readPrivateFile } from './private_file.ts';

/**
 * The first line of a file that only its owner can read (mode 0600), as a secret: no log, error, manifest or recording of this
 * process shows it. Throws an InputError for a file that others can read, a link, and an empty line.
 * @param where  names the option in errors
 */
export function readSecretFile(file: string, where: string): string {
  return secretOf(readPrivateFile(file), `${where} ${file}`);
}

/** The first line of a text as a secret. */
export function secretOf(text: string, where: string): string {
  const [line] = text.split(/\r?\n/);
  if (line === '') throw new InputError(where, 'its first line must be the passphrase');
  noteSecret(line);
  return line;
}
