import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { hashFile } from '../../datasets/index.ts';
import { ModelRepository, modelManifest } from '../../perception/index.ts';
import { type Bom, billOfMaterials } from './bom.ts';
import { checkLicences, faultOf, LOCKFILES, readPolicy } from './licences.ts';
import { modelComponent } from './model_component.ts';

const scratch = mkdtempSync(join(tmpdir(), 'surepick-sbom-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const POLICY = readPolicy(PACKAGE_ROOT);

/** The checker of the standard's own schema. */
function schemaOf(version: string) {
  const library = dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json'));
  const read = (name: string) => JSON.parse(readFileSync(join(library, 'res', 'schema', name), 'utf8'));
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addFormat('iri-reference', true).addFormat('idn-email', true);
  for (const name of ['spdx', 'jsf-0.82']) {
    const schema = read(`${name}.SNAPSHOT.schema.json`);
    ajv.addSchema(schema, `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  }
  return ajv.compile(read(`bom-${version}.SNAPSHOT.schema.json`));
}

describe('the bill of materials', () => {
  let bom: Bom;
  beforeAll(async () => {
    bom = await billOfMaterials(PACKAGE_ROOT);
  });

  it('is CycloneDX by its own schema, of every package of the lockfile and every model', async () => {
    const holds = schemaOf(bom.specVersion);
    expect(holds(bom), JSON.stringify(holds.errors?.slice(0, 3))).toBe(true);
    const spoilt: Bom = { ...bom, components: [...bom.components, { ...bom.components[0], type: 'robot' }] };
    expect(holds(spoilt)).toBe(false);
    expect(bom.metadata.component).toMatchObject({ name: 'surepick', type: 'application' });
    const { packages } = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package-lock.json'), 'utf8'));
    const locked = Object.keys(packages).filter((folder) => folder !== '');
    const versions = new Set(
      locked.map((folder) => `${folder.split('node_modules/').at(-1)}@${packages[folder].version}`),
    );
    const refs = new Set(bom.components.map((component) => component['bom-ref']));
    expect([...versions].filter((each) => !refs.has(each))).toEqual([]);
    const [model] = bom.components.filter((component) => component['bom-ref'].startsWith('model:'));
    const file = join(PACKAGE_ROOT, 'models', model.name, String(model.version), 'model.onnx');
    expect(model).toMatchObject({ hashes: [{ alg: 'SHA-256', content: hashFile(file).sha256 }] });
    const known = new Set(bom.dependencies.map(({ ref }) => ref));
    expect(bom.dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !known.has(ref))).toEqual([]);
  });

  it('has every shipped model with its card, CycloneDX 1.6: licence, what it takes, limits, numbers with intervals', async () => {
    const { models, policies } = await new ModelRepository().lock();
    expect(bom.specVersion).toBe('1.6');
    const listed = bom.components.filter(({ type }) => type === 'machine-learning-model');
    expect(listed.map(({ name, version }) => `${name}@${version}`).sort()).toEqual(
      [...models, ...policies].map(({ name, version }) => `${name}@${version}`).sort(),
    );
    const [policy] = listed.filter(({ 'bom-ref': ref }) => ref.startsWith('policy:'));
    expect(policy).toMatchObject({ hashes: [{ content: policies.find(({ name }) => name === policy.name)?.sha256 }] });
    for (const each of listed) expect(each.licenses).toEqual([{ license: { id: 'Apache-2.0' } }]);
  });

  it('has what a manifest may say besides: calibration, diagram, other licences', async () => {
    const { manifest } = await new ModelRepository().load('vision');
    const holds = schemaOf('1.6');
    const share = { value: 0.02, unit: '1', interval95: [0.01, 0.03], count: 4000 } as const;
    const calibrated = modelManifest.parse({
      ...manifest,
      calibration: {
        fitted_on: { set: 'a split of its own', seed: 3, objects: 4000 },
        ...{ temperature: 1.3, conformal: { level: 0.95, quantile: 0.4 }, costs: { wrong_pick: 20 }, thresholds: {} },
        measured: { calibration_error: share },
        reliability: [{ confidence: 0.9, accuracy: 0.88, count: 200 }],
      },
      training: { ...manifest.training, rebuild: { outcome: 'same_bytes', why: 'made twice' } },
    });
    for (const licence of ['MIT', 'LicenseRef-own', 'MIT OR Apache-2.0']) {
      const component = modelComponent({ ...calibrated, licence });
      expect(holds({ ...bom, components: [...bom.components, { ...component, 'bom-ref': 'x' }] })).toBe(true);
      expect(component.modelCard.quantitativeAnalysis.performanceMetrics).toContainEqual({
        ...{ type: 'calibration_error', value: '0.02', slice: 'a split of its own' },
        confidenceInterval: { lowerBound: '0.01', upperBound: '0.03' },
      });
      expect(component.modelCard.quantitativeAnalysis.graphics?.collection).toHaveLength(1);
    }
    const wrong = { ...modelComponent(calibrated), modelCard: { modelParameters: { approach: { type: 'magic' } } } };
    expect(holds({ ...bom, components: [wrong] })).toBe(false);
  });

  it('cannot be made where there is no lockfile, and says so in a line', async () => {
    writeFileSync(join(scratch, 'package.json'), '{"name":"x","version":"1.0.0","license":"MIT"}');
    await expect(billOfMaterials(scratch)).rejects.toThrow(/^npm sbom in .* must list the lockfile/);
  });
});

describe('licences', () => {
  it('of everything that is ever installed are allowed', () => {
    const { packages, findings } = checkLicences(PACKAGE_ROOT, POLICY);
    expect(findings).toEqual([]);
    const counted = LOCKFILES.map((file) =>
      Object.keys(JSON.parse(readFileSync(join(PACKAGE_ROOT, file), 'utf8')).packages),
    );
    expect(packages).toBe(counted.flat().filter((folder) => folder !== '').length);
  });

  it.each([
    ['MIT', 'a', ''],
    ['(MIT OR GPL-3.0-only)', 'a', ''],
    ['MIT AND GPL-3.0-only', 'a', 'not in'],
    ['GPL-3.0-or-later', 'a', 'not in'],
    ['AGPL-3.0-only', 'a', 'not in'],
    ['LGPL-3.0-or-later', 'a', 'not in'],
    ['LGPL-3.0-or-later', '@img/sharp-linux-x64', ''],
    ['MPL-2.0', 'lightningcss-linux-x64-gnu', ''],
    ['MPL-2.0', 'light', 'not in'],
    ['UNLICENSED', 'a', 'no licence that SPDX knows'],
    ['SEE LICENSE IN LICENSE', 'a', 'no licence that SPDX knows'],
    ['Apache2', 'foreachasync', ''],
    ['Apache2', 'a', 'no licence that SPDX knows'],
    ['', 'a', 'has no licence'],
  ])('%s of %s: %s', (licence, name, fault) => {
    const found = faultOf(name, licence, POLICY);
    if (fault === '') expect(found).toBe('');
    else expect(found).toContain(fault);
  });

  it('that are not allowed are named with package, version and lockfile', () => {
    const lock = {
      lockfileVersion: 3,
      packages: {
        '': { name: 'x' },
        'node_modules/good': { version: '1.0.0', license: 'MIT' },
        'node_modules/a/node_modules/@b/bad': { version: '2.0.0', license: 'GPL-3.0-only' },
        'node_modules/odd': { version: '3.0.0', license: { type: 'MIT' } },
      },
    };
    const root = join(scratch, 'other');
    mkdirSync(root);
    cpSync(join(scratch, 'package.json'), join(root, 'package.json'));
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify(lock));
    const { packages, findings } = checkLicences(root, POLICY);
    expect(packages).toBe(3);
    expect(findings.map((found) => `${found.lockfile} ${found.package} ${found.version} ${found.licence}`)).toEqual([
      'package-lock.json @b/bad 2.0.0 GPL-3.0-only',
      'package-lock.json odd 3.0.0 ',
    ]);
  });
});
