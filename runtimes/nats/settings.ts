/** What a connection to NATS may need beyond an address. */
import * as v from "valibot";
import { TandemError } from "@tandem/core";
import { builtin, parseJson } from "@tandem/core/internal";
import { readTextFileSync } from "../files/read.ts";

/** Bytes of settings and of credentials. */
export const MOST_BYTES = 2 ** 20;

const path = v.pipe(v.string(), v.minLength(1));

const SETTINGS = v.strictObject({
  /** A token. */
  token: v.optional(v.string()),
  /** A user of the server's configuration, with a password. */
  user: v.optional(v.string()),
  password: v.optional(v.string()),
  /** A .creds file. */
  credentials: v.optional(path),
  tls: v.optional(v.strictObject({
    /** The authority's certificate; the system's where absent. */
    ca: v.optional(path),
    /** The client's certificate and its key, where the server asks for them. */
    certificate: v.optional(path),
    key: v.optional(path),
  })),
  /** Copies of all that is stored, on servers of their own. */
  replicas: v.optional(v.picklist([1, 3, 5]), 1),
  /** Seconds without a sign of life after which a trial is given to another worker. */
  patience: v.optional(v.pipe(v.number(), v.minValue(0.5)), 30),
  /** How often a trial is tried before it is put aside as poisoned. */
  tries: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 3),
});

/** What a settings file may hold, with the defaults of what it does not. */
export type ClusterSettings = v.InferOutput<typeof SETTINGS>;

/** The settings where there is no file. */
export const NO_SETTINGS: ClusterSettings = v.parse(SETTINGS, {});

/**
 * The settings in a file, whose paths are relative to it; the defaults where no file is named.
 *
 * @throws {TandemError} E_FILE where it cannot be read or holds something else.
 */
export function readClusterSettings(file: string | undefined): ClusterSettings {
  if (file === undefined) return NO_SETTINGS;
  let json: unknown;
  try {
    json = parseJson(readTextFileSync(file, MOST_BYTES));
  } catch (error) {
    const why = error instanceof SyntaxError ? "is no JSON" : "cannot be read";
    throw new TandemError("E_FILE", `The cluster's settings "${file}" ${why}.`, { cause: error });
  }
  const parsed = v.safeParse(SETTINGS, json, { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new TandemError(
      "E_FILE",
      `The cluster's settings "${file}" have no right "${
        v.getDotPath(issue) ?? "form"
      }": ${issue.message}.`,
    );
  }
  const { credentials, tls, ...rest } = parsed.output;
  const { dirname, resolve } = builtin("node:path");
  const from = (name: string | undefined) => name && resolve(dirname(file), name);
  return {
    ...rest,
    credentials: from(credentials),
    tls: tls && { ca: from(tls.ca), certificate: from(tls.certificate), key: from(tls.key) },
  };
}
