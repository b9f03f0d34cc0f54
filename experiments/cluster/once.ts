/** Says what strangers cause, few times: what they send must not fill a terminal. */

/** So many sentences are said at most. */
const MOST = 20;

/** Says a sentence once for each subject that it is about, and from some number on no more. */
export class Once {
  readonly #about = new Set<string>();

  constructor(private readonly say: (sentence: string) => void) {}

  /** @param about What must not be told twice. */
  tell(about: string, sentence: string): void {
    if (this.#about.has(about) || this.#about.size >= MOST) return;
    this.#about.add(about);
    this.say(sentence);
    if (this.#about.size === MOST) {
      this.say("Further messages of that kind are set aside in silence.");
    }
  }
}
