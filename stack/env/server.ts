import { Pipe } from './pipe.ts';
import { serve } from './session.ts';

/** An environment server: standard input and output carry frames, standard error what goes wrong. Ends with its input. */
try {
  await serve(new Pipe(0, 1));
} catch (error) {
  process.stderr.write(`surepick environment server: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
