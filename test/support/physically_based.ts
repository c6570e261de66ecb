import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { AmbientLight, DirectionalLight, type Light, Mesh } from 'three';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import type { ScenePainter } from '../../learning/vision/worlds.ts';
import { createRenderTarget, Rasteriser } from '../../sim/index.ts';
import { launchBrowser, WEBGL_FLAGS } from './browser.ts';

const THREE = join(PACKAGE_ROOT, 'node_modules', 'three', 'build');

/**
 * Paints scenes with another renderer: three.js on WebGL in a browser, with microfacet reflection (GGX) of a lit room,
 * soft shadows and a filmic tone curve, where ours has flat Lambert shading. Paint and patterns are ours, pixel by pixel.
 */
export async function physicallyBasedPainter(): Promise<{
  readonly paint: ScenePainter;
  readonly close: () => Promise<void>;
}> {
  const browser = await launchBrowser(WEBGL_FLAGS);
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  const source = (name: string) => readFileSync(join(THREE, name), 'utf8');
  const files: Readonly<Record<string, string>> = {
    '/three.module.js': source('three.module.js'),
    '/three.core.js': source('three.core.js'),
    '/room.js': readFileSync(
      join(PACKAGE_ROOT, 'node_modules/three/examples/jsm/environments/RoomEnvironment.js'),
      'utf8',
    ),
    '/paint.js': readFileSync(join(PACKAGE_ROOT, 'test/support/physically_based_page.js'), 'utf8'),
  };
  await page.route('**/*', (route) => {
    const { pathname } = new URL(route.request().url());
    const body = files[pathname];
    if (body !== undefined) return route.fulfill({ contentType: 'text/javascript', body });
    const map = JSON.stringify({ imports: { three: '/three.module.js' } });
    const html = `<!doctype html><script type="importmap">${map}</script><script type="module" src="/paint.js"></script>`;
    return route.fulfill({ contentType: 'text/html', body: html });
  });
  await page.goto('http://localhost/');
  await page.waitForFunction('typeof window.paint === "function"');
  return { paint: painterOn(page), close: () => browser.close() };
}

function painterOn(page: Page): ScenePainter {
  return async ({ camera, width, height }, scene, light) => {
    const meshes: object[] = [];
    scene.updateMatrixWorld(true);
    scene.traverse((node) => {
      if (!(node instanceof Mesh)) return;
      const { geometry, matrixWorld, castShadow } = node;
      const { position, normal } = geometry.attributes;
      meshes.push({
        ...{ position: [...position.array], normal: normal === undefined ? null : [...normal.array] },
        ...{
          index: geometry.index === null ? null : [...geometry.index.array],
          matrix: matrixWorld.elements,
          castShadow,
        },
      });
    });
    const albedo = Buffer.from(paintAlone(scene, camera, width, height)).toString('base64');
    const asked = { width, height, ...camera, meshes, albedo, light: light ?? null };
    const painted = await page.evaluate(`window.paint(${JSON.stringify(asked)})`);
    if (typeof painted !== 'string') throw new Error('the page painted nothing');
    return new Uint8Array(Buffer.from(painted, 'base64'));
  };
}

/** The paint of every pixel as sRGB: the scene in white light from everywhere. */
function paintAlone(
  scene: Parameters<ScenePainter>[1],
  camera: Parameters<Rasteriser['render']>[1],
  width: number,
  height: number,
): Uint8Array {
  const lamps = scene.children.filter(
    (child): child is Light => child instanceof AmbientLight || child instanceof DirectionalLight,
  );
  const before = lamps.map((lamp) => lamp.intensity);
  for (const lamp of lamps) lamp.intensity = 0;
  const white = new AmbientLight(0xffffff, 1);
  scene.add(white);
  const target = createRenderTarget(width, height);
  new Rasteriser(width, height).render(scene, camera, target);
  scene.remove(white);
  lamps.forEach((lamp, i) => {
    lamp.intensity = before[i];
  });
  return target.rgb;
}
