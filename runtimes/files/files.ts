/** The few things that writing safely asks of a file system, so that one can be simulated. */

import { builtin } from "@tandem/core/internal";
import { readFileSync } from "./read.ts";
import { isMissing, isNoFolder } from "./system_error.ts";

/** Larger files are none of ours, and no memory takes them. */
const LARGEST = 2 ** 32;

/** A file system. Every call may throw what the system answers. */
export interface Files {
  /** The content of a file, of so many bytes at most. @throws also where it is no file. */
  read(path: string, most?: number): Uint8Array;
  /** Whether a name leads elsewhere: a symbolic link. False where there is nothing. */
  isLink(path: string): boolean;
  /**
   * Writes a new file, and fails where something has its name: a draft that another put there, or a
   * link, is not written to. It is safe from a crash after {@linkcode Files.sync} alone.
   */
  write(path: string, content: Uint8Array): void;
  /** Brings a file's content, or the names in a folder, onto the disk. */
  sync(path: string): void;
  /** Gives a file or folder another name, in one step. */
  rename(from: string, to: string): void;
  /** Removes a file, or a folder with all that is in it, if it is there. */
  remove(path: string): void;
  /** Makes a folder, and those around it. */
  makeFolder(path: string): void;
  /** The names in a folder; none where there is no folder. */
  list(folder: string): string[];
}

/** The machine's own. */
export const disk: Files = {
  read: (path, most = LARGEST) => readFileSync(path, most),
  isLink(path) {
    try {
      return builtin("node:fs").lstatSync(path).isSymbolicLink();
    } catch (error) {
      if (isMissing(error) || isNoFolder(error)) return false;
      throw error;
    }
  },
  write: (path, content) => builtin("node:fs").writeFileSync(path, content, { flag: "wx" }),
  sync(path) {
    const { openSync, fsyncSync, closeSync } = builtin("node:fs");
    const file = openSync(path, "r");
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  },
  rename: (from, to) => builtin("node:fs").renameSync(from, to),
  remove(path) {
    try {
      builtin("node:fs").rmSync(path, { recursive: true });
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  },
  makeFolder: (path) => void builtin("node:fs").mkdirSync(path, { recursive: true }),
  list(folder) {
    try {
      return builtin("node:fs").readdirSync(folder);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },
};
