import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { pythonEnvironment } from './python.ts';

const PACKAGES = ['mcap==1.6.0', 'mcap-ros2-support==0.6.0'];
const SCRIPT = `
import json, sys
from mcap.reader import make_reader
found = {}
for path in sys.argv[1:]:
    with open(path, "rb") as stream:
        reader = make_reader(stream, validate_crcs=True)
        count = sum(1 for _ in reader.iter_messages())
        stated = reader.get_summary().statistics.message_count
        assert count == stated, (path, count, stated)
        found[path] = count
print(json.dumps(found))
`;

/** Messages of each file by the indexed reader of the Python package mcap, which throws for a file that is not valid. */
export async function mcapPythonReads(
  files: readonly string[],
): Promise<{ readonly messages: Readonly<Record<string, number>> } | { readonly missing: string }> {
  const found = await pythonEnvironment('mcap', PACKAGES);
  if ('missing' in found) return found;
  const { stdout } = await promisify(execFile)(found.python, ['-c', SCRIPT, ...files], { maxBuffer: 1 << 24 });
  return { messages: z.record(z.string(), z.number()).parse(JSON.parse(stdout)) };
}
