/** The player of a recording's page: wavesurfer.js for sound and waveform, lanes of our own below, and the transcript. */
import WaveSurfer from "wavesurfer.js";
import Timeline from "wavesurfer.js/plugins/timeline";
import { clock } from "./clock.js";
import { readData } from "./data.js";
import { listen } from "./keys.js";
import { addLanes } from "./lanes.js";
import { Transcript } from "./transcript.js";

const STEP = 5; // seconds that an arrow key moves
const ZOOM = 2; // times, a step
const MOST_PIXELS = 80; // a second, zoomed in

const $ = (id) => document.getElementById(id);

function start() {
  const data = readData();
  const media = $("audio") ?? document.createElement("audio");
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const colours = () => ({ waveColor: style("--wave"), progressColor: style("--played"), cursorColor: style("--cursor") });
  const height = Number.parseInt(style("--wave-height"), 10);
  const wave = WaveSurfer.create({
    container: $("sound"),
    media,
    peaks: data.peaks,
    duration: data.duration,
    height,
    normalize: true,
    minPxPerSec: 0,
    cursorWidth: 2,
    splitChannels: data.peaks.length > 1 ? data.peaks.map(() => ({})) : undefined,
    dragToSeek: true,
    ...colours(),
  });
  media.controls = false;
  media.hidden = true;
  document.querySelector(".controls").hidden = false;

  const say = (text) => ($("said").textContent = text);
  const play = () => {
    if ($("play").disabled) return Promise.resolve();
    return media.play().catch((error) => {
      if (error.name !== "AbortError") say(`The sound cannot be played: ${error.message}`);
    });
  };
  const goTo = (time) => {
    wave.setTime(Math.min(Math.max(time, 0), data.duration));
    update();
  };
  const playFrom = (number, announce) => {
    goTo(data.times[number][0]);
    transcript.reveal(number);
    play();
    say(announce ?? `Playing from ${clock(data.times[number][0])}`);
  };
  const transcript = new Transcript(document.querySelector(".sentences"), data.times, (number) => playFrom(number));
  const mismatches = new Mismatches(data, playFrom);
  const { marks, paint } = addLanes(wave.getWrapper(), data, (number) => mismatches.choose(number));
  mismatches.marks = marks;
  wave.registerPlugin(Timeline.create({ height: 18, style: { fontSize: "11px", color: "var(--muted)" } }));

  const now = () => media.currentTime; // kept without any sound, too

  function update() {
    const time = now();
    const position = $("position");
    position.value = time;
    position.setAttribute("aria-valuetext", `${clock(time)} of ${clock(data.duration)}`);
    $("clock").textContent = `${clock(time)} / ${clock(data.duration)}`;
    transcript.show(time, $("follow").checked);
  }

  const toggle = () => (media.paused ? play() : media.pause());
  const move = (seconds) => goTo(now() + seconds);
  const zoom = (factor) => {
    const fit = $("sound").clientWidth / data.duration;
    const pixels = Math.min(Math.max((wave.options.minPxPerSec || fit) * factor, fit), Math.max(MOST_PIXELS, fit));
    wave.zoom(pixels <= fit ? 0 : pixels);
  };

  $("position").max = data.duration;
  $("position").addEventListener("input", (event) => goTo(Number(event.target.value)));
  $("play").addEventListener("click", toggle);
  $("back").addEventListener("click", () => move(-STEP));
  $("forward").addEventListener("click", () => move(STEP));
  $("next").addEventListener("click", () => mismatches.step(1, now(), say));
  $("previous").addEventListener("click", () => mismatches.step(-1, now(), say));
  $("in").addEventListener("click", () => zoom(ZOOM));
  $("out").addEventListener("click", () => zoom(1 / ZOOM));
  $("speed").addEventListener("change", (event) => (media.playbackRate = Number(event.target.value)));
  document.querySelectorAll("[data-at]").forEach((button) =>
    button.addEventListener("click", () => {
      goTo(Number(button.dataset.at));
      play();
    }),
  );
  listen({
    " ": toggle,
    ArrowLeft: () => move(-STEP),
    ArrowRight: () => move(STEP),
    n: () => mismatches.step(1, now(), say),
    p: () => mismatches.step(-1, now(), say),
    "+": () => zoom(ZOOM),
    "=": () => zoom(ZOOM),
    "-": () => zoom(1 / ZOOM),
  });

  wave.on("timeupdate", update);
  wave.on("interaction", () => {
    update();
    play();
  });
  media.addEventListener("play", () => ($("play").textContent = "Pause"));
  media.addEventListener("pause", () => {
    $("play").textContent = "Play";
    say(`Paused at ${clock(now())}`);
  });
  media.addEventListener("error", () => say("The sound cannot be played: its file is missing, or this browser does not know its format."));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    wave.setOptions(colours());
    paint();
  });
  update();
  wave.once("redrawcomplete", () => (document.documentElement.dataset.ready = String(Math.round(performance.now()))));
}

/** Sentences whose words and tone disagree, in the order of time for keys and by strength in the list. */
class Mismatches {
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
    const { innerText } = this.buttons.get(number).querySelector(".what");
    this.playFrom(number, `Mismatch ${place} of ${this.data.mismatches.length}: ${innerText}`);
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

start();
