/** Sentences whose words and tone disagree, in the order of time for keys and by strength in the list. */
export class Mismatches {
  constructor(data, playFrom) {
    this.data = data;
    this.playFrom = playFrom;
    this.marks = new Map();
    this.current = null;
    this.buttons = new Map([...document.querySelectorAll("[data-go]")].map((button) => [Number(button.dataset.go), button]));
    for (const [number, button] of this.buttons) button.addEventListener("click", () => this.choose(number));
  }

  choose(number) {
    if (this.current !== null) this.#set(this.current, false);
    this.#set((this.current = number), true);
    const place = this.data.mismatches.indexOf(number) + 1;
    const told = this.buttons.get(number).querySelector(".what").textContent.replace(/\s+/g, " ");
    this.playFrom(number, `Mismatch ${place} of ${this.data.mismatches.length}: ${told}`);
  }

  step(direction, time, say) {
    const { mismatches, times } = this.data;
    const found =
      direction > 0
        ? mismatches.find((number) => times[number][0] > time + 0.05)
        : mismatches.findLast((number) => times[number][0] < time - 1.5);
    if (found === undefined) say(direction > 0 ? "No further mismatch" : "No earlier mismatch");
    else this.choose(found);
  }

  #set(number, on) {
    const button = this.buttons.get(number);
    if (on) button?.setAttribute("aria-current", "true");
    else button?.removeAttribute("aria-current");
    this.marks.get(number)?.classList.toggle("current", on);
  }
}
