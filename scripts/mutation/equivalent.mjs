/**
 * Mutants that change nothing that can be seen, with the reason. A draw does not count them.
 * `code` is the line that they change, trimmed; `replacement` as the report has it.
 *
 * @type {readonly {file: string, code: string, replacement: string, reason: string}[]}
 */
export const EQUIVALENT = [];
