/** A recording's page comes alive: player, lanes, transcript and mismatches are made and joined here. */
import { clock } from "./clock.js";
import { readData } from "./data.js";
import { listen } from "./keys.js";
import { addLanes } from "./lanes.js";
import { Mismatches } from "./mismatches.js";
import { Player } from "./player.js";
import { Transcript } from "./transcript.js";

const STEP = 5; // seconds that an arrow key moves

const $ = (id) => document.getElementById(id);
const say = (text) => ($("said").textContent = text);

function start() {
  const data = readData();
  const player = new Player($("sound"), $("audio"), data);
  const goTo = (time) => {
    player.goTo(time);
    show();
  };
  const playFrom = (number, told) => {
    goTo(data.times[number][0]);
    transcript.reveal(number);
    player.play(say);
    say(told ?? `Playing from ${clock(data.times[number][0])}`);
  };
  const transcript = new Transcript(document.querySelector(".sentences"), data.times, (number) => playFrom(number));
  const mismatches = new Mismatches(data, playFrom);
  const { marks, paint } = addLanes(player.wrapper, data, (number) => mismatches.choose(number));
  mismatches.marks = marks;
  player.addTimeline();

  function show() {
    const told = `${clock(player.now)} / ${clock(data.duration)}`;
    transcript.show(player.now, $("follow").checked);
    if ($("clock").textContent === told) return; // sixty times a second is too often to tell anybody
    $("clock").textContent = told;
    $("position").value = player.now;
    $("position").setAttribute("aria-valuetext", `${clock(player.now)} of ${clock(data.duration)}`);
  }

  joinControls(player, mismatches, goTo, data.duration);
  joinSound(player, show);
  for (const query of ["(prefers-color-scheme: dark)", "(max-width: 46rem)"]) {
    matchMedia(query).addEventListener("change", () => {
      player.restyle();
      paint();
    });
  }
  show();
  // Milliseconds from opening to here, for whoever measures.
  player.wave.once("redrawcomplete", () => (document.documentElement.dataset.ready = String(Math.round(performance.now()))));
}

/** Buttons and keys do the same things. */
function joinControls(player, mismatches, goTo, duration) {
  const actions = {
    play: () => (player.media.paused ? player.play(say) : player.media.pause()),
    back: () => goTo(player.now - STEP),
    forward: () => goTo(player.now + STEP),
    next: () => mismatches.step(1, player.now, say),
    previous: () => mismatches.step(-1, player.now, say),
    in: () => player.zoom(1),
    out: () => player.zoom(-1),
  };
  const keys = { " ": "play", ArrowLeft: "back", ArrowRight: "forward", n: "next", p: "previous", "+": "in", "=": "in", "-": "out" };
  for (const [id, action] of Object.entries(actions)) $(id).addEventListener("click", action);
  listen(Object.fromEntries(Object.entries(keys).map(([key, id]) => [key, actions[id]])));
  $("position").max = duration;
  $("position").addEventListener("input", (event) => goTo(Number(event.target.value)));
  $("speed").addEventListener("change", (event) => (player.media.playbackRate = Number(event.target.value)));
  for (const button of document.querySelectorAll("[data-at]")) {
    button.addEventListener("click", () => {
      goTo(Number(button.dataset.at));
      player.play(say);
    });
  }
  document.querySelector(".controls").hidden = false;
}

/** What the sound does is shown and told. */
function joinSound(player, show) {
  const { media, wave } = player;
  wave.on("timeupdate", show);
  wave.on("interaction", () => {
    show();
    player.play(say);
  });
  media.addEventListener("play", () => ($("play").textContent = "Pause"));
  media.addEventListener("pause", () => {
    if (!media.paused) return; // it plays again since
    $("play").textContent = "Play";
    say(`Paused at ${clock(player.now)}`);
  });
  media.addEventListener("error", () =>
    say("The sound cannot be played: its file is missing, or this browser does not know its format."),
  );
}

start();
