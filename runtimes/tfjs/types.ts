/** The whole of TensorFlow.js, gradients included. */
export type TensorFlow = typeof import("@tensorflow/tfjs");
