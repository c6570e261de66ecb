import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { meshesIn, meshFile, shareFolders } from './meshes.ts';

let folder = '';
let share: readonly string[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'surepick-meshes-'));
  const meshes = join(folder, 'prefix', 'share', 'arm', 'meshes');
  mkdirSync(meshes, { recursive: true });
  for (const name of ['link.stl', 'hand.DAE', 'notes.txt']) writeFileSync(join(meshes, name), name);
  writeFileSync(join(folder, 'secret.stl'), 'secret');
  symlinkSync(join(folder, 'secret.stl'), join(meshes, 'out.stl'));
  share = shareFolders({ AMENT_PREFIX_PATH: `/nowhere:${join(folder, 'prefix')}` });
});
afterAll(() => rmSync(folder, { recursive: true }));

const urdf = (...urls: string[]) =>
  `<robot name="arm">${urls.map((url) => `<mesh filename="${url}"/>`).join('')}</robot>`;

it('meshes of the description are found in the packages that share them', async () => {
  const text = urdf('package://arm/meshes/link.stl', 'package://arm/meshes/hand.DAE', 'file:///etc/passwd.stl');
  expect(meshesIn(text).size).toBe(2);
  for (const name of ['link.stl', 'hand.DAE'])
    expect(await meshFile(`package://arm/meshes/${name}`, text, share)).toBe(
      join(folder, 'prefix', 'share', 'arm', 'meshes', name),
    );
});

it('nothing else is, whatever the description or the request names', async () => {
  const urls = [
    ...['package://arm/meshes/notes.txt', 'package://arm/meshes/gone.stl', 'package://arm/meshes/out.stl'],
    ...['package://arm/../../../secret.stl', 'package://arm/meshes/../../../../secret.stl', 'package://../secret.stl'],
    ...['file:///etc/passwd', '/etc/passwd.stl', 'package://arm/', 'package:///meshes/link.stl', ''],
  ];
  for (const url of urls) expect(await meshFile(url, urdf(...urls), share), url).toBeNull();
  expect(await meshFile('package://arm/meshes/link.stl', urdf(), share)).toBeNull();
});
