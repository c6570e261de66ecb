/**
 * False if a sphere lies wholly outside one plane of the view.
 * @param bound centre (3) and radius, mesh frame
 * @param M mesh to camera, row-major 3×4
 * @param lens fx, fy, cx, cy (pixels), near (m), 1/far (1/m)
 */
export function sphereInView(
  bound: Float64Array,
  M: Float64Array,
  lens: Float64Array,
  width: number,
  height: number,
): boolean {
  const x = M[0] * bound[0] + M[1] * bound[1] + M[2] * bound[2] + M[3];
  const y = M[4] * bound[0] + M[5] * bound[1] + M[6] * bound[2] + M[7];
  const z = M[8] * bound[0] + M[9] * bound[1] + M[10] * bound[2] + M[11];
  const scale2 = Math.max(
    M[0] * M[0] + M[4] * M[4] + M[8] * M[8],
    M[1] * M[1] + M[5] * M[5] + M[9] * M[9],
    M[2] * M[2] + M[6] * M[6] + M[10] * M[10],
  );
  const r = bound[3] * Math.sqrt(scale2);
  if (z + r <= lens[4] || (z - r) * lens[5] >= 1) return false;
  const left = (-0.5 - lens[2]) / lens[0];
  const right = (width - 0.5 - lens[2]) / lens[0];
  const top = (-0.5 - lens[3]) / lens[1];
  const bottom = (height - 0.5 - lens[3]) / lens[1];
  if (x - left * z <= -r * Math.sqrt(1 + left * left)) return false;
  if (right * z - x <= -r * Math.sqrt(1 + right * right)) return false;
  if (y - top * z <= -r * Math.sqrt(1 + top * top)) return false;
  return bottom * z - y > -r * Math.sqrt(1 + bottom * bottom);
}
