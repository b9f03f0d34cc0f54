/** What a command that runs trials is told of a cluster. */
import { TandemError } from "../core/base/errors.ts";
import { readClusterSettings } from "../runtimes/nats/settings.ts";

/** Flags of a command that may give its trials to a cluster. */
export interface ClusterFlags {
  readonly cluster?: string;
  readonly clusterSettings?: string;
  readonly verify?: number;
  /** Whether trials that failed before are tried again. */
  readonly retry: boolean;
  /** Permissions that the user put in front of the command. */
  readonly allowed: string;
}

/**
 * Gives the network up where no cluster is named: runs on this machine need none, and neither do the
 * plugins in them.
 *
 * @throws {TandemError} E_ARGUMENT for what is of use with a cluster alone.
 */
export async function leaveNetworkUnless(flags: ClusterFlags): Promise<void> {
  expectCluster(flags);
  if (flags.cluster !== undefined || flags.allowed.includes("--allow-net")) return;
  await Deno.permissions.revoke({ name: "net" });
}

/** The cluster that runs the trials; undefined where none is named. */
export function clusterOf(flags: ClusterFlags, name: string, device: string) {
  if (flags.cluster === undefined) return undefined;
  return {
    address: flags.cluster,
    settings: readClusterSettings(flags.clusterSettings),
    name,
    device,
    retry: flags.retry,
    verify: flags.verify ?? 0,
  };
}

function expectCluster({ cluster, clusterSettings, verify }: ClusterFlags): void {
  if (cluster !== undefined) return;
  const option = clusterSettings !== undefined
    ? "--cluster-settings"
    : verify !== undefined
    ? "--verify"
    : undefined;
  if (option === undefined) return;
  throw new TandemError("E_ARGUMENT", `${option} needs --cluster nats://HOST:4222.`);
}
