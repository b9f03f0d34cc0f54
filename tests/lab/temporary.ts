/** Gives a test a folder of its own and takes it away. */
export async function inTemporaryFolder(
  test: (folder: string) => void | Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync({ dir: "/tmp", prefix: "tandem-lab-" });
  try {
    await test(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Makes a symbolic link; Deno itself would ask for the right to write everywhere. */
export function symlink(target: string, path: string): void {
  const { success } = new Deno.Command("ln", { args: ["-s", "--", target, path] }).outputSync();
  if (!success) throw new Error(`"${path}" could not be made.`);
}
