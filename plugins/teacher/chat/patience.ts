/** Counts questions in a row without a usable answer. */
export class Patience {
  #inARow = 0;
  #hasHeard = false;

  /** @param most Where it ends; 0 for never. */
  constructor(private readonly most: number) {}

  /** Whether it is over. */
  get isOver(): boolean {
    return this.most > 0 && this.#inARow >= this.most;
  }

  /** A usable answer has come. */
  hear(): void {
    this.#inARow = 0;
    this.#hasHeard = true;
  }

  /** None has come. */
  miss(): void {
    this.#inARow++;
  }

  /**
   * A question was met again that has no usable answer. An agent that stands still meets one often, so
   * it counts only as long as there was no answer of use at all.
   */
  missAgain(): void {
    if (!this.#hasHeard) this.#inARow++;
  }
}
