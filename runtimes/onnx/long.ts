import { builtin } from "@tandem/core/internal";

interface ProtobufUtil {
  Long?: { readonly fromBits?: unknown; readonly default?: { readonly fromBits?: unknown } };
}

/**
 * Hands protobufjs the class Long. It looks for the package "long" by itself, and now and then is handed
 * the package's ES module, of which the class is the default export: onnx-proto then fails while it is
 * loaded. To be called before.
 */
export function mendLong(): void {
  try {
    const { createRequire } = builtin("node:module");
    const require = createRequire(import.meta.url);
    const near = createRequire(require.resolve("onnx-proto"));
    const { util, configure } = near("protobufjs/minimal") as {
      readonly util: ProtobufUtil;
      configure(): void;
    };
    if (util.Long && !util.Long.fromBits) {
      util.Long = util.Long.default;
      configure();
    }
  } catch {
    // Where packages are not found as files, there is nothing to mend.
  }
}
