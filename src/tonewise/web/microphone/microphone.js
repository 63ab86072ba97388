// Microphone → 16-bit samples → socket → a line of JSON every second → numbers, a curve and a table.

const SHOWN = 60; // seconds of the curve
const SPOKEN = 5; // seconds between two announcements to a screen reader, unless the side changes
const TOP = 10, BOTTOM = 190, WIDTH = 600; // of the curve, in its own units
const WAITING = 5; // seconds of sound that may wait to be sent: a slower connection cannot carry it

const $ = (id) => document.getElementById(id);
const toggle = $("toggle"), status = $("status");
let live = null; // what is open: {socket, stream, context, node}
let windows = [];
let announced = { side: "", second: -SPOKEN };

function say(text, wrong = false) {
  status.textContent = text;
  status.classList.toggle("wrong", wrong);
}

function button(on, busy = false) {
  toggle.textContent = on ? "Stop the microphone" : "Start the microphone";
  toggle.dataset.on = String(on);
  toggle.setAttribute("aria-disabled", String(busy)); // truly disabled, it would lose the focus
}

toggle.addEventListener("click", () => {
  if (toggle.getAttribute("aria-disabled") === "true") return;
  if (live) stop();
  else start();
});
addEventListener("pagehide", () => live && release(live));

async function start() {
  if (!navigator.mediaDevices || !window.AudioWorkletNode) {
    return say("This browser gives the microphone only to pages of https or of this machine itself.", true);
  }
  button(false, true);
  say("Waiting for the microphone …");
  const opened = (live = {});
  try {
    // As the voice is: what makes calls clearer would change its tone.
    const audio = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    opened.stream = await navigator.mediaDevices.getUserMedia({ audio });
    opened.context = new AudioContext();
    await opened.context.audioWorklet.addModule(new URL("capture.js", import.meta.url));
  } catch (error) {
    return end(opened, `The microphone cannot be used: ${error.message}`);
  }
  connect(opened);
}

function connect(opened) {
  const address = new URL("v1/live", document.baseURI);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const socket = (opened.socket = new WebSocket(address));
  socket.onopen = () => {
    const hello = { encoding: "pcm_s16le", rate: opened.context.sampleRate };
    const token = $("token").value.trim();
    socket.send(JSON.stringify(token ? { ...hello, token } : hello));
  };
  socket.onmessage = (message) => hear(opened, JSON.parse(message.data));
  socket.onclose = (event) => closed(opened, event);
}

function hear(opened, told) {
  if (told.error) opened.error = told.error;
  else if (told.ready) listen(opened, told);
  else if (told.done) opened.done = true;
  else show(told);
}

function listen(opened, ready) {
  windows = [];
  announced = { side: "", second: -SPOKEN };
  draw();
  $("scale").textContent = `What a tone means: ${ready.tone_scale}.`;
  $("token-row").hidden = true;
  const { context, stream, socket } = opened;
  opened.node = new AudioWorkletNode(context, "capture");
  opened.node.port.onmessage = ({ data }) => {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (data === null) socket.send(JSON.stringify({ end: true }));
    else if (socket.bufferedAmount > WAITING * 2 * context.sampleRate) {
      end(opened, "The connection is too slow for live sound.");
    } else socket.send(data);
  };
  // What leads nowhere is not run; what the node gives is silence.
  context.createMediaStreamSource(stream).connect(opened.node).connect(context.destination);
  stream.getAudioTracks()[0].onended = () => live === opened && stop();
  button(true);
  say("Listening. Speak: the first tone comes after a second of speech.");
}

function stop() {
  const opened = live;
  if (!opened.node) return end(opened, "");
  button(true, true);
  opened.node.port.postMessage("stop");
  opened.timer = setTimeout(() => end(opened, ""), 3000); // a server that does not answer must not keep it on
}

function closed(opened, event) {
  if (live !== opened) return;
  if (/token/.test(opened.error ?? "")) $("token-row").hidden = false;
  const why = opened.error ?? (opened.done ? "" : event.reason || "The connection to the server was lost.");
  end(opened, why);
}

function end(opened, why) {
  if (live !== opened) return;
  live = null;
  release(opened);
  button(false);
  say(why ? `${why} The microphone is off.` : "The microphone is off. Nothing was kept.", Boolean(why));
}

function release({ stream, context, socket, timer }) {
  clearTimeout(timer);
  stream?.getTracks().forEach((track) => track.stop());
  context?.close();
  if (socket && socket.readyState < WebSocket.CLOSING) socket.close(1000);
}

// -- what is shown ------------------------------------------------------------------------------------------------------

const side = (tone) => (tone >= 0.5 ? "positive" : "negative");
const digits = (tone) => tone.toFixed(2);

function show(told) {
  windows.push(told);
  windows = windows.filter((each) => each.end > told.end - SHOWN - 1);
  const heard = told.smoothed !== null;
  $("tone").textContent = heard ? digits(told.smoothed) : "–";
  $("tone").className = heard ? side(told.smoothed) : "";
  $("words").textContent = words(told);
  announce(told);
  draw();
}

function words(told) {
  if (told.smoothed === null) return told.heard ? "heard, but not to be judged" : "nobody speaks";
  const sure = told.low > 0.5 || told.high < 0.5;
  const sign = side(told.smoothed) === "positive" ? "▲" : "▼";
  return `${sign} ${sure ? "" : "perhaps "}sounds ${side(told.smoothed)} (${digits(told.low)} to ${digits(told.high)})`;
}

function announce(told) {
  const now = told.smoothed === null ? "silence" : side(told.smoothed);
  if (now === announced.side && told.end - announced.second < SPOKEN) return;
  announced = { side: now, second: told.end };
  const tone = told.smoothed === null ? "" : `, tone ${digits(told.smoothed)}`;
  say(`Listening, second ${Math.round(told.end)}${tone}: ${words(told).replace(/[▲▼] /, "")}.`);
}

function draw() {
  const last = windows.at(-1)?.end ?? 0;
  const x = (second) => WIDTH - ((last - second) / SHOWN) * WIDTH;
  const y = (tone) => BOTTOM - tone * (BOTTOM - TOP);
  const at = (second, tone) => `${x(second).toFixed(1)} ${y(tone).toFixed(1)}`;
  const runs = spoken();
  fill("bands", runs.map((run) => path(
    [...run.map((each) => at(each.end, each.high)), ...run.toReversed().map((each) => at(each.end, each.low))], true)));
  fill("lines", runs.map((run) => path(run.map((each) => at(each.end, each.smoothed)))));
  fill("dots", runs.flat().map((each) => mark(x(each.end), y(each.tone), side(each.tone))));
  $("curve-words").textContent = windows.length ? words(windows.at(-1)) : "Nothing was heard yet.";
  $("rows").replaceChildren(...windows.slice(-10).reverse().map(row));
}

// Stretches of windows in which somebody speaks.
function spoken() {
  const runs = [[]];
  for (const each of windows) {
    if (each.smoothed !== null) runs.at(-1).push(each);
    else if (runs.at(-1).length) runs.push([]);
  }
  return runs.filter((run) => run.length);
}

function shape(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

const path = (points, closed) => shape("path", { d: `M${points.join("L")}${closed ? "Z" : points.length > 1 ? "" : "h0"}` });
const fill = (id, shapes) => $(id).replaceChildren(...shapes);

function mark(x, y, which) {
  const tip = which === "positive" ? -4 : 4; // a triangle, up or down: not by colour alone
  return shape("path", { class: which, d: `M${x} ${y + tip}l4 ${-2 * tip}h-8Z` });
}

function row(told) {
  const made = document.createElement("tr");
  const shown = (tone) => (tone === null ? "–" : digits(tone));
  const interval = told.low === null ? "–" : `${digits(told.low)} to ${digits(told.high)}`;
  const cells = [told.end.toFixed(1), shown(told.tone), shown(told.smoothed), interval, `${told.behind_ms} ms`];
  for (const text of cells) made.insertCell().textContent = text;
  return made;
}
