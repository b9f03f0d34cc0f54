/** A connection to NATS, and the settings that it may need beyond an address. */
import {
  connect,
  credsAuthenticator,
  errors,
  type NatsConnection,
  type NodeConnectionOptions,
} from "@nats-io/transport-node";
import { dirname, resolve } from "node:path";
import * as v from "valibot";
import { TandemError } from "@tandem/core";
import { outsideReason, parseJson } from "@tandem/core/internal";
import { readFileSync, readTextFileSync } from "../files/read.ts";

/** Bytes of settings and of credentials. */
const MOST_BYTES = 2 ** 20;

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
  const from = (name: string | undefined) => name && resolve(dirname(file), name);
  return {
    ...rest,
    credentials: from(credentials),
    tls: tls && { ca: from(tls.ca), certificate: from(tls.certificate), key: from(tls.key) },
  };
}

/**
 * Connects, and keeps the connection: where it breaks it is made again for as long as it takes.
 *
 * @param address nats://HOST:PORT or tls://HOST:PORT; secrets stand in the settings.
 * @param name How the server knows this client.
 * @throws {TandemError} E_ARGUMENT for another address, E_CLUSTER where there is no server or it refuses.
 */
export async function connectTo(
  address: string,
  settings: ClusterSettings,
  name: string,
): Promise<NatsConnection> {
  const servers = serverOf(address);
  const { token, user, password, credentials, tls } = settings;
  const needsTls = address.startsWith("tls:") || tls !== undefined;
  const options: NodeConnectionOptions = {
    servers,
    name,
    ...{ token, user, pass: password },
    ...(credentials && { authenticator: credsAuthenticator(bytesOf(credentials)) }),
    ...(needsTls && { tls: { caFile: tls?.ca, certFile: tls?.certificate, keyFile: tls?.key } }),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    pingInterval: 5000,
    timeout: 5000,
    ignoreAuthErrorAbort: true,
  };
  const refusal = refusalsByTls();
  try {
    const connection = await Promise.race([connect(options), refusal.first]);
    connection.closed().finally(refusal.stop);
    return connection;
  } catch (error) {
    // What listens stays: behind this error the client goes on trying.
    throw new TandemError("E_CLUSTER", `No cluster answers at "${address}": ${why(error)}.`, {
      cause: error,
    });
  }

  function why(error: unknown): string {
    const said = outsideReason(error);
    const isUnclear = error instanceof errors.TimeoutError || codeOf(error) === "ECONNRESET";
    if (!isTlsAlert(error) && !(needsTls && isUnclear)) return said;
    return `${said}; the server may ask for another certificate than the settings name under "tls"`;
  }
}

/**
 * Takes the server's refusals of a certificate that reach no listener. In TLS 1.3 a client's handshake
 * is over before the server has judged its certificate; the client has let go of the socket's events by
 * then, and until it listens again what the server says is an uncaught error.
 */
function refusalsByTls(): { readonly first: Promise<never>; stop(): void } {
  const { promise: first, reject } = Promise.withResolvers<never>();
  first.catch(() => {}); // one that comes later breaks the connection, which is made again
  const listener = (event: ErrorEvent) => {
    if (!isTlsAlert(event.error)) return;
    event.preventDefault();
    reject(event.error);
  };
  globalThis.addEventListener("error", listener);
  return { first, stop: () => globalThis.removeEventListener("error", listener) };
}

/** Whether an error is what the other side of a TLS connection said before it ended it. */
function isTlsAlert(error: unknown): boolean {
  return /^ERR_SSL_.*_ALERT_/.test(codeOf(error));
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : "";
}

function serverOf(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !["nats:", "tls:"].includes(url.protocol) || url.hostname === "") {
    throw new TandemError(
      "E_ARGUMENT",
      `"${address}" is no cluster; right would be nats://HOST:4222.`,
    );
  }
  if (url.username || url.password) {
    throw new TandemError(
      "E_ARGUMENT",
      "An address with a password in it is read by all who list processes; put it into the file " +
        "that --cluster-settings names.",
    );
  }
  return `${url.hostname}:${url.port || 4222}`;
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file, MOST_BYTES);
  } catch (error) {
    throw new TandemError("E_FILE", `The credentials "${file}" cannot be read.`, { cause: error });
  }
}
