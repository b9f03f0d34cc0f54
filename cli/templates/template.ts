/** What a template is given and gives. */

/** A plugin's name in the three ways in which it is written. */
export interface Names {
  /** As users type it: "my-rule". */
  readonly plugin: string;
  /** As a variable: "myRule". */
  readonly variable: string;
  /** As its module: "my_rule.ts". */
  readonly module: string;
}

/** The sources of a new plugin. */
export interface Sources {
  readonly plugin: string;
  readonly test: string;
  readonly bench: string;
}

/** Writes a new plugin of one kind. */
export type Template = (names: Names) => Sources;
