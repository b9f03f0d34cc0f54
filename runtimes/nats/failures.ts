/** Why a server does not do what it is asked: what lasts ends the work in a sentence, what passes is tried again. */
import type { NatsConnection } from "@nats-io/transport-node";
import { TandemError } from "@tandem/core";
import { outsideReason, outsideText } from "@tandem/core/internal";
import { streams, transport } from "./client.ts";

const { JetStreamApiCodes, JetStreamApiError } = streams;
const { errors } = transport;

type PermissionViolation = InstanceType<typeof errors.PermissionViolationError>;
type NoResponders = InstanceType<typeof errors.NoRespondersError>;

/** So often a server refuses a connection before the refusal counts as lasting: some ends are accidents. */
const MOST_REFUSALS = 5;

/**
 * What an error of the NATS client means where it does not pass by itself: no permission, or no
 * JetStream. Undefined for one that may pass.
 */
export function lastingFailure(error: unknown): TandemError | undefined {
  if (error instanceof TandemError) return error;
  const violation = causesOf(error).find((each) => each instanceof errors.PermissionViolationError);
  if (violation) return notPermitted(violation as PermissionViolation);
  if (isWithoutJetStream(error)) {
    return new TandemError(
      "E_CLUSTER",
      "The NATS server has no JetStream for this user, which keeps the trials; start the server with -js " +
        "(nats-server -js --store_dir DIR), or turn JetStream on for the account.",
      { cause: error },
    );
  }
  return undefined;
}

/** The E_CLUSTER error for what a server says once a connection stands, whatever it is. */
export function clusterError(error: unknown): TandemError {
  return lastingFailure(error) ??
    new TandemError(
      "E_CLUSTER",
      `The NATS server does not do what the queue needs: ${outsideReason(error)}.`,
      { cause: error },
    );
}

/** Whether the server has no JetStream at all, or none for the account. */
export function isWithoutJetStream(error: unknown): boolean {
  const causes = causesOf(error);
  if (!causes.some(({ name }) => name === "JetStreamNotEnabled")) return false;
  const silent = causes.find((each) => each instanceof errors.NoRespondersError);
  return !silent || isApi((silent as NoResponders).subject);
}

/** Whether a stream or a consumer that was there is there no more. */
export function isLost(error: unknown): boolean {
  return causesOf(error).some((each) => {
    if (each instanceof errors.NoRespondersError) return !isApi(each.subject);
    if (each instanceof JetStreamApiError) {
      const { StreamNotFound, ConsumerNotFound } = JetStreamApiCodes;
      return [StreamNotFound, ConsumerNotFound].some((code) => code === each.code);
    }
    return each.name === "JetStreamStatusError" && (each as { code?: unknown }).code !== 408;
  });
}

/** The API's subjects are the server's own; one of a consumer is gone where the consumer is. */
function isApi(subject: string): boolean {
  return subject.startsWith("$JS.API.") && !subject.startsWith("$JS.API.CONSUMER.MSG.NEXT.");
}

/** What a server refused on a connection, where no call that waits for it was told. */
export class Refusals {
  #lasting: TandemError | undefined;

  /** Listens until the connection ends. */
  constructor(connection: NatsConnection) {
    void this.#listen(connection);
  }

  /** @throws {TandemError} E_CLUSTER where something was refused for good. */
  expectNone(): void {
    if (this.#lasting) throw this.#lasting;
  }

  async #listen(connection: NatsConnection): Promise<void> {
    let refused = 0;
    for await (const status of connection.status()) {
      if (status.type === "reconnect") refused = 0;
      if (status.type !== "error") continue;
      this.#lasting ??= lastingFailure(status.error);
      if (!isRefusal(status.error) || ++refused < MOST_REFUSALS) continue;
      this.#lasting ??= new TandemError(
        "E_CLUSTER",
        `The NATS server does not let this user in any more: ${outsideReason(status.error)}.`,
      );
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof errors.AuthorizationError ||
    error instanceof errors.UserAuthenticationExpiredError;
}

function notPermitted({ operation, subject }: PermissionViolation): TandemError {
  const what = operation === "publish" ? "publish to" : "subscribe to";
  return new TandemError(
    "E_CLUSTER",
    `The NATS server does not permit this user to ${what} "${
      outsideText(subject, { max: 200 })
    }"; ` +
      "docs/cluster.md has the permissions that each role needs.",
  );
}

/** An error with what is underneath. */
function causesOf(error: unknown): Error[] {
  const causes: Error[] = [];
  for (let at = error; at instanceof Error && causes.length < 8; at = at.cause) causes.push(at);
  return causes;
}
