/** Read what the page carries: times come in ms, tones in thousandths, pictures in base64. */
export function readData() {
  const raw = JSON.parse(document.getElementById("data").textContent);
  return {
    duration: raw.duration,
    times: raw.times.map(([start, end]) => [start / 1000, end / 1000]),
    mismatches: raw.mismatches,
    voices: raw.voices,
    peaks: raw.peaks.map((text) => Float32Array.from(new Int8Array(bytes(text).buffer), (value) => value / 127)),
    spectra: raw.spectra.map(({ bands, columns, data }) => ({ bands, columns, levels: bytes(data) })),
  };
}

function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
