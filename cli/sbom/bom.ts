import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { parseTaskPolicyManifest } from '../../control/index.ts';
import { hashFile } from '../../datasets/index.ts';
import { modelManifest } from '../../perception/index.ts';
import { modelComponent } from './model_component.ts';
import { policyComponent } from './policy_component.ts';

/** The fields of a CycloneDX document (ECMA-424) that are read or written here; the others are passed on. */
const bomSchema = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(),
  metadata: z.looseObject({ component: z.looseObject({ name: z.string(), version: z.string() }) }),
  components: z.array(z.looseObject({ 'bom-ref': z.string(), type: z.string(), name: z.string() })),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()) })),
});
export type Bom = z.infer<typeof bomSchema>;

/** The version of the format that documents are written in. */
const SPEC_VERSION = '1.6';

/** What npm prints for a lockfile is some hundred kB. */
const MOST_BYTES = 2 ** 28;

/**
 * What the project is made of: every package of its lockfile, as npm lists them, and every model with its hash. Asks no
 * network. Throws an InputError where npm cannot be run.
 */
export async function billOfMaterials(root: string): Promise<Bom> {
  const { name } = z.object({ name: z.string() }).parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const bom = bomSchema.parse(JSON.parse(await npmSbom(root)));
  const { component } = bom.metadata;
  const models = modelsOf(join(root, 'models'));
  const own = component['bom-ref'];
  return {
    ...bom,
    ...{ $schema: `http://cyclonedx.org/schema/bom-${SPEC_VERSION}.schema.json`, specVersion: SPEC_VERSION },
    // npm takes the name of the folder.
    metadata: { ...bom.metadata, component: { ...component, type: 'application', name } },
    components: [...bom.components, ...models],
    dependencies: [
      ...bom.dependencies.map((each) =>
        each.ref === own
          ? { ...each, dependsOn: [...each.dependsOn, ...models.map((model) => model['bom-ref'])] }
          : each,
      ),
      ...models.map((model) => ({ ref: model['bom-ref'], dependsOn: [] })),
    ],
  };
}

async function npmSbom(root: string): Promise<string> {
  const [file, ...npm] = npmCommand();
  const args = [...npm, 'sbom', '--sbom-format', 'cyclonedx', '--package-lock-only', '--offline'];
  try {
    return (await promisify(execFile)(file, args, { cwd: root, maxBuffer: MOST_BYTES })).stdout;
  } catch (cause) {
    const said = cause instanceof Error ? cause.message.trim().split('\n').at(-1) : String(cause);
    throw new InputError(`npm sbom in ${root} (${said})`, 'must list the lockfile; npm 10 or newer comes with Node', {
      cause,
    });
  }
}

/** The npm beside node, else the one on PATH. */
function npmCommand(): readonly string[] {
  const beside = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  return existsSync(beside) ? [process.execPath, beside] : ['npm'];
}

/** NAME/VERSION/model.onnx with a manifest.json beside it, and policies, in order of their paths. */
function modelsOf(folder: string): Bom['components'] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.onnx'));
  return files.sort().map((file) => {
    const described = componentOf(join(folder, file));
    const { sha256 } = hashFile(join(folder, file));
    if (sha256 === described.manifest.sha256) return described.component;
    throw new InputError(
      `${join(folder, file)} with SHA-256 ${sha256}`,
      `its manifest says ${described.manifest.sha256}; surepick models verify`,
    );
  });
}

/** By the manifest beside a network: of a policy under the network's name, else of a model. */
function componentOf(file: string) {
  const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
  const of_policy = file.replace(/\.onnx$/, '.manifest.json');
  if (existsSync(of_policy)) {
    const manifest = parseTaskPolicyManifest(read(of_policy), of_policy);
    return { manifest, component: policyComponent(manifest) };
  }
  const manifest = modelManifest.parse(read(join(dirname(file), 'manifest.json')));
  return { manifest, component: modelComponent(manifest) };
}
