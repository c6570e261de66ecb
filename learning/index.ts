export { encodeModel, type OnnxGraph } from './graph/onnx_format.ts';
