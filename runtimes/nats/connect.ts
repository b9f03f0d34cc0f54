/** A connection to NATS. */
import type { NatsConnection, NodeConnectionOptions } from "@nats-io/transport-node";
import { TandemError } from "@tandem/core";
import { outsideReason } from "@tandem/core/internal";
import { readFileSync } from "../files/read.ts";
import { transport } from "./client.ts";
import { type ClusterSettings, MOST_BYTES } from "./settings.ts";

const { connect, credsAuthenticator, errors } = transport;

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
