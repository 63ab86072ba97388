/** The transcript: it follows playback, a click plays, and it is one stop of the Tab key with arrows inside. */

const ABOVE = 60; // pixels that stay above what is said, so that one sees what came before
const LEFT_ALONE = 6000; // ms that a reader who scrolls is not pulled back

export class Transcript {
  constructor(list, times, onChoose) {
    this.list = list;
    this.rows = [...list.children];
    this.times = times;
    this.longest = times.reduce((most, [start, end]) => Math.max(most, end - start), 0);
    this.shown = new Set();
    this.stop = 0;
    this.leftAloneUntil = 0;
    list.addEventListener("click", (event) => this.#clicked(event, onChoose));
    list.addEventListener("keydown", (event) => this.#pressed(event));
    list.addEventListener("focusin", (event) => this.#moveStop(this.#numberOf(event.target), false));
    for (const kind of ["wheel", "touchmove"]) {
      list.addEventListener(kind, () => (this.leftAloneUntil = performance.now() + LEFT_ALONE), { passive: true });
    }
  }

  /** Show what is being said at a time; `follow`: keep it in view. */
  show(time, follow) {
    const current = this.#at(time);
    if (current.length === this.shown.size && current.every((number) => this.shown.has(number))) return;
    for (const number of this.shown) this.#set(number, false);
    this.shown = new Set(current);
    for (const number of current) this.#set(number, true);
    if (follow && current.length && performance.now() > this.leftAloneUntil) this.reveal(current[0]);
  }

  /** Scroll the list, never the page, until a row is in view. */
  reveal(number) {
    const { list } = this;
    const box = list.getBoundingClientRect();
    const row = this.rows[number].getBoundingClientRect();
    if (row.top < box.top || row.bottom > box.bottom - row.height) list.scrollTop += row.top - box.top - ABOVE;
  }

  #set(number, on) {
    this.rows[number].classList.toggle("now", on);
    if (on) this.rows[number].setAttribute("aria-current", "true");
    else this.rows[number].removeAttribute("aria-current");
  }

  /** Rows at a time: starts are sorted, so that only those shortly before have to be looked at. */
  #at(time) {
    const found = [];
    for (let number = after(this.times, time) - 1; number >= 0 && this.times[number][0] >= time - this.longest; number--) {
      if (this.times[number][1] > time) found.unshift(number);
    }
    return found;
  }

  #clicked(event, onChoose) {
    const number = this.#numberOf(event.target);
    // Somebody who marks words to copy them does not want to hear them; keys on the button have no selection.
    if (number < 0 || (String(getSelection()) && !event.target.closest("button"))) return;
    this.#moveStop(number, false);
    onChoose(number);
  }

  #pressed(event) {
    const last = this.rows.length - 1;
    const to = { ArrowDown: this.stop + 1, ArrowUp: this.stop - 1, Home: 0, End: last }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.leftAloneUntil = performance.now() + LEFT_ALONE;
    this.#moveStop(Math.min(Math.max(to, 0), last), true);
  }

  #numberOf(element) {
    return this.rows.indexOf(element.closest("li"));
  }

  #moveStop(number, focus) {
    if (number < 0) return;
    this.#button(this.stop).tabIndex = -1;
    const button = this.#button((this.stop = number));
    button.tabIndex = 0;
    // A thousand ids would only weigh: the words get one when somebody arrives at them.
    const words = button.nextElementSibling;
    words.id ||= `said-${number}`;
    if (words.nextElementSibling) words.nextElementSibling.id ||= `tone-of-${number}`;
    button.setAttribute("aria-describedby", `said-${number} tone-of-${number}`);
    if (focus) button.focus();
  }

  #button(number) {
    return this.rows[number].firstElementChild;
  }
}

/** The number of rows that start at `time` or before. */
export function after(times, time) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle][0] <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
