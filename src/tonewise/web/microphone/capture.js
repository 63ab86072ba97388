// Runs beside the page, on the sound's own thread: blocks of 128 floats become messages of a tenth of a second, 16 bits.

const LENGTH = Math.round(sampleRate / 10); // samples of a message

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.message = new Int16Array(LENGTH);
    this.filled = 0;
    this.running = true;
    this.port.onmessage = () => {
      this.running = false;
      this.port.postMessage(this.message.slice(0, this.filled).buffer);
      this.port.postMessage(null);
    };
  }

  process([input]) {
    if (!this.running) return false;
    // A microphone that is being unplugged has no channels for a moment: time goes on in silence.
    const samples = input.length ? input[0] : new Float32Array(128);
    for (const sample of samples) {
      this.message[this.filled++] = Math.round(Math.max(-1, Math.min(1, sample)) * 32767);
      if (this.filled === LENGTH) {
        this.port.postMessage(this.message.buffer, [this.message.buffer]);
        this.message = new Int16Array(LENGTH);
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("capture", Capture);
