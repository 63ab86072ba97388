// The upload page: sends a recording, follows its job, and goes to its page.

const at = (id) => document.getElementById(id);
const form = at("upload");
const EVERY = 700; // milliseconds between questions about a job
let limits = null;
let request = null; // the upload under way
let address = null; // of the job under way

const say = (text) => { at("status").textContent = text; };
const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0) + " MB";

function wrong(text) {
  at("job").hidden = true;
  form.hidden = false;
  at("go").disabled = false;
  at("wrong").textContent = text;
}

async function ask(path, options) {
  const answer = await fetch(path, { credentials: "same-origin", ...options });
  const told = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(told.error || "the server answered " + answer.status), { status: answer.status });
  return told;
}

async function begin() {
  try {
    limits = await ask("/v1/limits");
    const model = await ask("/v1/model");
    at("login").hidden = true;
    form.hidden = false;
    at("limits").textContent = "Up to " + megabytes(limits.max_upload_bytes) + " and "
      + (limits.max_duration_seconds / 3600).toFixed(1).replace(".0", "") + " hours.";
    at("kept").textContent = "Recordings and results are removed after " + hours(limits.keep_seconds)
      + "; the list of calls keeps figures and file names, and no words.";
    at("model").textContent = "Model " + model.name + ", which learned from " + model.utterances + " utterances; labels: " + model.labels + ".";
    at("transcript_format").replaceChildren(new Option("by its content", ""), ...limits.transcript_formats.map((each) => new Option(each, each)));
  } catch (failed) {
    if (failed.status !== 401) { wrong(failed.message); return; }
    form.hidden = true;
    at("login").hidden = false;
  }
}

const hours = (seconds) => seconds >= 7200 ? Math.round(seconds / 3600) + " hours" : Math.round(seconds / 60) + " minutes";

at("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  at("wrong").textContent = "";
  const options = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ token: at("token").value }) };
  try {
    await ask("/v1/session", options);
    await begin();
    at("recording").focus();
  } catch (failed) { at("wrong").textContent = failed.message; }
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  at("wrong").textContent = "";
  const body = new FormData(form);
  for (const [name, value] of [...body]) {
    if (value === "" || (value instanceof File && value.name === "")) body.delete(name);
  }
  const file = body.get("recording");
  if (limits && file.size > limits.max_upload_bytes) {
    wrong(file.name + " has " + megabytes(file.size) + ", and this server takes " + megabytes(limits.max_upload_bytes));
    return;
  }
  send(body, file.name);
});

function send(body, name) {
  form.hidden = true;
  at("go").disabled = true;
  at("after").hidden = true;
  at("job").hidden = false;
  at("cancel").hidden = false;
  at("job-title").textContent = name;
  at("job-title").focus();
  say("Uploading …");
  request = new XMLHttpRequest(); // fetch does not tell how far an upload is
  request.responseType = "json";
  request.upload.addEventListener("progress", (told) => { if (told.lengthComputable) at("bar").value = told.loaded / told.total; });
  request.addEventListener("load", () => {
    const told = request.response || {};
    if (request.status !== 202) { wrong(told.error || "the server answered " + request.status); return; }
    address = "/v1/jobs/" + told.id;
    follow(told);
  });
  request.addEventListener("error", () => wrong("The upload did not arrive. Is the server still there, and the file small enough?"));
  request.open("POST", "/v1/score");
  request.send(body);
}

async function follow(job) {
  while (address !== null) {
    if (job.state === "failed") { address = null; wrong(job.error); return; }
    if (job.state === "done") { finish(job); return; }
    const stage = job.progress;
    if (stage && stage.total > 1) at("bar").value = stage.done / stage.total;
    else at("bar").removeAttribute("value");
    say(job.state === "queued" ? "Waiting for its turn …" : stage ? "Scoring: " + stage.stage : "Scoring …");
    await new Promise((after) => setTimeout(after, EVERY));
    if (address === null) return;
    try {
      job = await ask(address);
    } catch (failed) {
      if (failed.status === 404) { address = null; wrong("The recording was removed."); return; }
      if (failed.status && failed.status !== 503) { wrong(failed.message); return; }
      say("The server does not answer; trying again …");
    }
  }
}

function finish(job) {
  address = null;
  at("bar").value = 1;
  at("cancel").hidden = true;
  at("open").href = job.page;
  at("after").hidden = false;
  at("open").focus();
  say("Done.");
  location.assign(job.page);
}

at("cancel").addEventListener("click", async () => {
  const removed = address;
  address = null;
  if (request) request.abort();
  if (removed) await ask(removed, { method: "DELETE" }).catch(() => {});
  wrong("");
  at("recording").focus();
});

begin();
