/** Tables as Parquet files. */
import { importOptional } from "@tandem/core/internal";
import type { CellValue, Row } from "./rows.ts";

/**
 * The bytes of a table; a column is of texts, of truth values, or of doubles.
 *
 * @throws TandemError E_PACKAGE where the package that writes it is not installed.
 */
export async function parquet(rows: readonly Row[]): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await importOptional<typeof import("hyparquet-writer")>(
    "hyparquet-writer",
    "writes Parquet files",
    (name) => import(name),
  );
  const columnData = Object.keys(rows[0] ?? {}).map((name) => {
    const data = rows.map((row) => row[name]!);
    return { name, data, type: typeOf(data), nullable: data.some((value) => value === null) };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

function typeOf(values: readonly CellValue[]): "STRING" | "BOOLEAN" | "DOUBLE" {
  const known = values.find((value) => value !== null);
  if (typeof known === "number" || known === undefined) return "DOUBLE";
  return typeof known === "string" ? "STRING" : "BOOLEAN";
}
