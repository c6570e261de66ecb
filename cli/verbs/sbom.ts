import type { Command } from 'commander';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { emitJson, say } from '../common.ts';
import { writeTextFile } from '../json_files.ts';
import { billOfMaterials } from '../sbom/bom.ts';
import { checkLicences, readPolicy } from '../sbom/licences.ts';

const flagsSchema = z.object({ out: z.string().optional(), json: z.boolean().default(false) });

export function addSbom(program: Command): void {
  program
    .command('sbom')
    .description(
      'What this software is made of, as a CycloneDX document of its packages and models; exit code 1 where a licence is not allowed.',
    )
    .option('--out <file>', 'write the document there (default: to stdout, unless --json is given)')
    .option('--json', 'print one JSON object as the last line of stdout: the counts and what was found')
    .addHelpText('after', '\nExample: surepick sbom --out surepick.cdx.json')
    .action(async (raw: unknown) => {
      const { out, json } = flagsSchema.parse(raw);
      const { packages, licences, findings } = checkLicences(PACKAGE_ROOT, readPolicy(PACKAGE_ROOT));
      const bom = await billOfMaterials(PACKAGE_ROOT);
      const text = `${JSON.stringify(bom, null, 1)}\n`;
      if (out !== undefined) writeTextFile(out, [text]);
      else if (!json) process.stdout.write(text);
      for (const { lockfile, package: name, version, what } of findings)
        say(`error: ${lockfile}: ${name} ${version}: ${what}`);
      const counts = Object.entries(licences).map(([licence, times]) => `${times} ${licence || 'none'}`);
      say(`${packages} packages: ${counts.join(', ')}`);
      const models = bom.components.filter(({ type }) => type === 'machine-learning-model').length;
      say(
        `${bom.components.length} components in the document, ${models} of them models${out === undefined ? '' : `: ${out}`}`,
      );
      const ok = findings.length === 0;
      if (json)
        emitJson('sbom', {
          ok,
          packages,
          licences,
          findings,
          components: bom.components.length,
          models,
          ...(out === undefined ? {} : { out }),
        });
      if (!ok) process.exitCode = 1;
    });
}
