/** Keeps so many of the items that it is given, evenly from all of them, without knowing how many will come. */
export class EvenSample<Item> {
  readonly #size: number;
  #kept: Item[] = [];
  #stride = 1;
  #seen = 0;

  constructor(size: number) {
    this.#size = size;
  }

  add(item: Item): void {
    if (this.#seen % this.#stride === 0) this.#kept.push(item);
    this.#seen += 1;
    if (this.#kept.length < 2 * this.#size) return;
    this.#kept = this.#kept.filter((_, i) => i % 2 === 0);
    this.#stride *= 2;
  }

  /** In the order in which they came; all, where they are fewer. */
  items(): Item[] {
    const { length } = this.#kept;
    if (length <= this.#size) return this.#kept;
    return Array.from(
      { length: this.#size },
      (_, i) => this.#kept[Math.floor((i * length) / this.#size)] as Item,
    );
  }
}
