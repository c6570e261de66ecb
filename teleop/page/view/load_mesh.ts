import { type Material, Mesh, type Object3D } from 'three';
import { ColladaLoader } from 'three/examples/jsm/loaders/ColladaLoader.js';
import { STLLoader } from 'three/examples/jsm/loaders/STLLoader.js';
import { trustedXml } from './xml_document.ts';

/** A mesh of a file that a robot's description names. @throws Error naming the file's ending where it is neither STL nor DAE */
export function parseMesh(url: string, bytes: ArrayBuffer, material: Material): Object3D {
  if (/\.stl$/i.test(url)) return new Mesh(new STLLoader().parse(bytes), material);
  if (/\.dae$/i.test(url)) {
    const parsed = new ColladaLoader().parse(trustedXml(new TextDecoder().decode(bytes)), '');
    if (parsed === null) throw new Error(`no mesh in ${url}`);
    return parsed.scene;
  }
  throw new Error(`a mesh is an STL or a DAE file, not ${url}`);
}
