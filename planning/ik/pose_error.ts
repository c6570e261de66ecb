/**
 * What brings one pose to another, root axes: difference of the origins (m), then the rotation vector of
 * R_target R_toolᵀ (rad), right up to half a turn. Poses are rotation row-major 9 and position 3.
 */
export function poseError(target: Float64Array, tool: Float64Array, out: Float64Array): void {
  for (let k = 0; k < 3; k++) out[k] = target[9 + k] - tool[9 + k];
  const e00 = target[0] * tool[0] + target[1] * tool[1] + target[2] * tool[2];
  const e01 = target[0] * tool[3] + target[1] * tool[4] + target[2] * tool[5];
  const e02 = target[0] * tool[6] + target[1] * tool[7] + target[2] * tool[8];
  const e10 = target[3] * tool[0] + target[4] * tool[1] + target[5] * tool[2];
  const e11 = target[3] * tool[3] + target[4] * tool[4] + target[5] * tool[5];
  const e12 = target[3] * tool[6] + target[4] * tool[7] + target[5] * tool[8];
  const e20 = target[6] * tool[0] + target[7] * tool[1] + target[8] * tool[2];
  const e21 = target[6] * tool[3] + target[7] * tool[4] + target[8] * tool[5];
  const e22 = target[6] * tool[6] + target[7] * tool[7] + target[8] * tool[8];
  const x = e21 - e12;
  const y = e02 - e20;
  const z = e10 - e01;
  const sine2 = Math.sqrt(x * x + y * y + z * z);
  const cosine2 = e00 + e11 + e22 - 1;
  if (cosine2 > -1.99) {
    const scale = sine2 > 1e-6 ? Math.atan2(sine2, cosine2) / sine2 : 0.5;
    out[3] = x * scale;
    out[4] = y * scale;
    out[5] = z * scale;
    return;
  }
  // near half a turn the axis is the largest column of R + Rᵀ − (tr R − 1) I = 2 (1 − cos) u uᵀ, its sign that of the sine
  const c0 = e00 >= e11 && e00 >= e22;
  const c1 = !c0 && e11 >= e22;
  const ax = c0 ? 2 * e00 - cosine2 : c1 ? e01 + e10 : e02 + e20;
  const ay = c0 ? e01 + e10 : c1 ? 2 * e11 - cosine2 : e12 + e21;
  const az = c0 ? e02 + e20 : c1 ? e12 + e21 : 2 * e22 - cosine2;
  const angle = Math.atan2(sine2, cosine2);
  const along = ax * x + ay * y + az * z;
  const scale = (along < 0 ? -angle : angle) / Math.sqrt(ax * ax + ay * ay + az * az);
  out[3] = ax * scale;
  out[4] = ay * scale;
  out[5] = az * scale;
}
