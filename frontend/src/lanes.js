/** The lanes below the waveforms: curves of tone and spectrograms. They lie in wavesurfer's wrapper, so they zoom with it. */

const SVG = "http://www.w3.org/2000/svg";

const STYLE = `
  .lane { position: relative; border-top: 1px solid var(--rule); overflow: hidden; }
  .lane svg, .lane canvas.spectrum { position: absolute; inset: 0; width: 100%; height: 100%; display: block; image-rendering: auto; }
  .tone { height: var(--tone-height); } .spectrum-lane { height: var(--spectrum-height); }
  .mark { position: absolute; top: 0; bottom: 0; width: 13px; margin-left: -6.5px; cursor: pointer; }
  .mark::before { content: ""; position: absolute; left: 6px; top: 0; bottom: 0; border-left: 1px dashed var(--mark); opacity: .55; }
  .mark::after { content: ""; position: absolute; left: 3px; top: 2px; width: 7px; height: 7px; rotate: 45deg;
    background: var(--mark); outline: 1px solid var(--paper); }
  .mark.current::before { border-left-width: 2px; border-left-style: solid; opacity: 1; }
`;

export function addLanes(wrapper, data, goTo) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  wrapper.getRootNode().adoptedStyleSheets.push(sheet);
  const marks = new Map();
  data.voices.forEach((voice, number) => wrapper.append(toneLane(voice, number, data, marks, goTo)));
  const pictures = data.spectra.map((spectrum) => spectrumLane(spectrum));
  wrapper.append(...pictures.map(({ lane }) => lane));
  const paint = () => pictures.forEach(({ draw }) => draw());
  paint();
  return { marks, paint };
}

function toneLane(voice, number, data, marks, goTo) {
  const lane = box("lane tone");
  const span = data.duration * 1000;
  const drawing = shape("svg", { viewBox: `0 0 ${span} 1000`, preserveAspectRatio: "none" });
  const id = `tone-${number}`;
  drawing.append(gradient(id));
  for (const height of [250, 500, 750]) {
    const dashes = height === 500 ? "none" : "2 4";
    drawing.append(line(`M0 ${height}H${span}`, { stroke: "var(--rule)", "stroke-width": 1, "stroke-dasharray": dashes }));
  }
  for (const points of voice.lines) {
    drawing.append(shape("path", { d: area(points), fill: "var(--band)", "fill-opacity": 0.28 }));
  }
  const said = voice.sentences.map(([index, tone]) => bar(data.times[index], tone)).join("");
  drawing.append(line(said, { stroke: `url(#${id})`, "stroke-width": 2, "stroke-opacity": 0.55 }));
  for (const points of voice.lines) {
    drawing.append(line(curve(points), { stroke: `url(#${id})`, "stroke-width": 3, "stroke-linecap": "round" }));
  }
  lane.append(drawing);
  const own = new Set(voice.sentences.map(([index]) => index));
  for (const index of data.mismatches) {
    if (own.has(index)) lane.append(mark(index, data, marks, goTo));
  }
  return lane;
}

/** Colour follows height, so that a line is blue where it is high and orange where it is low. */
function gradient(id) {
  const defs = shape("defs", {});
  const found = shape("linearGradient", { id, gradientUnits: "userSpaceOnUse", x1: 0, x2: 0, y1: 0, y2: 1000 });
  for (const [offset, colour] of [[0.25, "--positive"], [0.5, "--even"], [0.75, "--negative"]]) {
    const stop = shape("stop", { offset });
    stop.style.stopColor = `var(${colour})`;
    found.append(stop);
  }
  defs.append(found);
  return defs;
}

function mark(index, data, marks, goTo) {
  const [start, end] = data.times[index];
  const found = box("mark");
  found.style.left = `${(50 * (start + end)) / data.duration}%`;
  found.addEventListener("click", (event) => {
    event.stopPropagation();
    goTo(index);
  });
  marks.set(index, found);
  return found;
}

const curve = (points) => `M${points.map(([time, tone]) => `${time} ${1000 - tone}`).join("L")}${points.length === 1 ? "h1" : ""}`;
const bar = ([start, end], tone) => `M${start * 1000} ${1000 - tone}H${end * 1000}`;

function area(points) {
  const over = points.map(([time, , , high]) => `${time} ${1000 - high}`);
  const under = points.map(([time, , low]) => `${time} ${1000 - low}`).reverse();
  return `M${[...over, ...under].join("L")}Z`;
}

function spectrumLane(spectrum) {
  const lane = box("lane spectrum-lane");
  const canvas = document.createElement("canvas");
  canvas.className = "spectrum";
  canvas.width = spectrum.columns;
  canvas.height = spectrum.bands;
  lane.append(canvas);
  return { lane, draw: () => drawSpectrum(canvas, spectrum) };
}

/** Ink on paper, the louder the more: readable in light and dark, with any eyes. */
function drawSpectrum(canvas, { bands, columns, levels }) {
  const [red, green, blue] = inkOf(canvas);
  const image = new ImageData(columns, bands);
  for (let band = 0; band < bands; band++) {
    const from = band * columns;
    const to = (bands - 1 - band) * columns;
    for (let column = 0; column < columns; column++) {
      const at = 4 * (to + column);
      const level = levels[from + column] / 255;
      image.data[at] = red;
      image.data[at + 1] = green;
      image.data[at + 2] = blue;
      image.data[at + 3] = 235 * level * level;
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function inkOf(element) {
  const probe = element.parentElement.isConnected ? element.parentElement : document.body;
  return getComputedStyle(probe).color.match(/\d+/g).slice(0, 3).map(Number);
}

function box(name) {
  const found = document.createElement("div");
  found.className = name;
  return found;
}

function line(d, attributes) {
  return shape("path", { d, fill: "none", "vector-effect": "non-scaling-stroke", ...attributes });
}

function shape(name, attributes) {
  const found = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, value);
  return found;
}
