/** Sound and waveform: wavesurfer.js around the page's own audio element, which may be missing or without its file. */
import WaveSurfer from "wavesurfer.js";
import Timeline from "wavesurfer.js/plugins/timeline";
import { clock } from "./clock.js";

const ZOOM = 2; // times, a step
const MOST_PIXELS = 80; // a second, zoomed in

export class Player {
  constructor(container, media, data) {
    this.container = container;
    this.media = media ?? document.createElement("audio");
    this.silent = media === null;
    this.duration = data.duration;
    this.wave = WaveSurfer.create({
      container,
      media: this.media,
      peaks: data.peaks,
      duration: data.duration,
      normalize: true,
      minPxPerSec: 0,
      cursorWidth: 2,
      splitChannels: data.peaks.length > 1 ? data.peaks.map(() => ({})) : undefined,
      dragToSeek: true,
      ...look(),
    });
    this.media.controls = false;
    this.media.hidden = true;
  }

  get wrapper() {
    return this.wave.getWrapper();
  }

  /** Seconds. Wavesurfer keeps the time while there is no sound yet, or none at all. */
  get now() {
    return this.media.readyState ? this.media.currentTime : this.wave.getCurrentTime();
  }

  goTo(time) {
    const wanted = Math.min(Math.max(time, 0), this.duration);
    // Wavesurfer forgets a jump that comes while another is under way; the element itself does not.
    if (this.media.readyState) this.media.currentTime = wanted;
    else this.wave.setTime(wanted);
  }

  async play(say) {
    if (this.silent) return;
    try {
      await this.media.play();
    } catch (error) {
      if (error.name !== "AbortError") say(`The sound cannot be played: ${error.message}`);
    }
  }

  zoom(direction) {
    const fit = this.container.clientWidth / this.duration;
    const wanted = (this.wave.options.minPxPerSec || fit) * ZOOM ** direction;
    const pixels = Math.min(wanted, Math.max(MOST_PIXELS, fit));
    this.wave.zoom(pixels <= fit ? 0 : pixels);
  }

  /** After everything else in the wrapper, so that it is the lowest. */
  addTimeline() {
    const style = { fontSize: "11px", color: "var(--muted)" };
    this.wave.registerPlugin(Timeline.create({ height: 18, formatTimeCallback: clock, secondaryLabelOpacity: 1, style }));
  }

  /** Colours and heights anew: canvases do not follow the style sheet by themselves. */
  restyle() {
    this.wave.setOptions(look());
  }
}

function look() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  return {
    height: Number.parseInt(value("--wave-height"), 10),
    waveColor: value("--wave"),
    progressColor: value("--played"),
    cursorColor: value("--cursor"),
  };
}
