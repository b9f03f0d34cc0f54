import {
  type ClusterSettings,
  NO_SETTINGS,
  readClusterSettings,
} from "../../runtimes/nats/connect.ts";

/** The settings in a file, or those where there is none. @throws {TandemError} E_FILE */
export function clusterSettings(file: string | undefined): ClusterSettings {
  return file === undefined ? NO_SETTINGS : readClusterSettings(file);
}
