// deno-lint-ignore-file tandem/rooms -- nothing runs this file
/**
 * Every package that only some need, by name: nothing runs this. `deno task packages` fetches what it
 * imports, and `deno task lock` pins it.
 */
import "@huggingface/jinja";
import "@nats-io/jetstream";
import "@nats-io/kv";
import "@nats-io/obj";
import "@nats-io/transport-node";
import "@opentelemetry/api";
import "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-backend-webgpu";
import "cli-progress";
import "gifenc";
import "hyparquet-writer";
import "onnx-proto";
import "onnxruntime-web";
import "onnxruntime-web/webgpu";
import "quickjs-emscripten";
import "simple-ascii-chart";
import "vega";
import "vega-lite";
