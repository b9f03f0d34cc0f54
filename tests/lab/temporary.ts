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
