/** A policy's network somewhere that does not hold up the caller: asked with an observation, it answers later. */
export interface PolicyInference {
  /** Asks for the chunk of `step` from an observation, which is copied. False while the last question is still open. */
  submit(step: number, observation: Float32Array): boolean;
  /** Once a cycle: takes an answer that has come into `chunk` and returns its step; −1 if there is none. */
  take(chunk: Float32Array): number;
  /** Why no more answers will come; empty while they do. */
  readonly failure: string;
}
