import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { leafHash, merklePath, merkleRoot, rootOfProof } from './merkle_tree.ts';

/** Inputs and roots of trees of 0 to 8 leaves, as the reference implementation of Certificate Transparency tests them. */
const INPUTS = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const LEAVES = INPUTS.map((hex) => leafHash(Buffer.from(hex, 'hex')));

/** The definition of RFC 9162, section 2.1.1, word for word. */
function definition(inputs: readonly Buffer[]): Buffer {
  const hash = (...parts: readonly Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  if (inputs.length === 0) return hash();
  if (inputs.length === 1) return hash(Buffer.of(0), inputs[0]);
  let k = 1;
  while (k * 2 < inputs.length) k *= 2;
  return hash(Buffer.of(1), definition(inputs.slice(0, k)), definition(inputs.slice(k)));
}

describe('the Merkle tree of RFC 9162', () => {
  it.each(ROOTS.map((root, size) => [size, root] as const))(
    'of %i leaves has the root that is published',
    (size, root) => {
      expect(merkleRoot(LEAVES.slice(0, size)).toString('hex')).toBe(root);
    },
  );

  it('has the published paths: of leaf 0 of 8, and of leaf 5 of 8', () => {
    const paths = [0, 5].map((index) => merklePath(LEAVES, index).map((hash) => hash.toString('hex')));
    expect(paths).toEqual([
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
      [
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ]);
  });

  it('is the one of the definition, and every path leads to its root and no other leaf or place', () => {
    const rng = createRng(9162);
    for (let size = 1; size <= 33; size++) {
      const inputs = Array.from({ length: size }, (_, k) => Buffer.from(`${k} ${rng.uniform()}`));
      const leaves = inputs.map(leafHash);
      const root = definition(inputs);
      expect(merkleRoot(leaves).equals(root), `size ${size}`).toBe(true);
      for (let index = 0; index < size; index++) {
        const path = merklePath(leaves, index);
        const where = `leaf ${index} of ${size}`;
        expect(rootOfProof(leaves[index], index, size, path)?.equals(root), where).toBe(true);
        const other = (index + 1) % size;
        if (size > 1) {
          expect(rootOfProof(leaves[index], other, size, path)?.equals(root) ?? false, where).toBe(false);
          expect(rootOfProof(leaves[other], index, size, path)?.equals(root) ?? false, where).toBe(false);
          expect(rootOfProof(leaves[index], index, size, path.slice(1))?.equals(root) ?? false, where).toBe(false);
        }
        expect(rootOfProof(leaves[index], index, size, [...path, root])?.equals(root) ?? false, where).toBe(false);
      }
    }
  });

  it('takes no place that is none', () => {
    for (const index of [-1, 8, 0.5, Number.NaN, 2 ** 60])
      expect(rootOfProof(LEAVES[0], index, 8, merklePath(LEAVES, 0)), String(index)).toBeNull();
  });
});
