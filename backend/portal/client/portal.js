// Uploads the files of a reply as they are chosen, by the tus protocol: with
// progress for each and for all, resumed after a lost connection, a reload or a
// closed tab. Keeps the text that is being written until it is sent or the tab
// is closed. Without this script the form sends everything by itself. Shows the
// checksums of files.
import { Upload } from "tus-js-client";

const form = document.getElementById("reply-form");
const over = document.querySelector("p[data-over]");
const frame = document.querySelector("iframe.body");
const kept = document.getElementById("kept");
const ending = document.getElementById("ending");
const session = ending && watch(ending);
let summing = Promise.resolve();
if (form) start(form);
if (over) forget(over.dataset.over);
if (frame) fit(frame);
if (kept) recall(kept);
for (const line of document.querySelectorAll("details.sum")) line.addEventListener("toggle", () => sum(line));

// fit makes the message's frame as high as what is in it. The frame has our
// origin, so that it can be measured, and runs nothing.
function fit(frame) {
  const measure = () => {
    const body = frame.contentDocument?.body;
    if (!body) return;
    new ResizeObserver(() => { frame.style.height = frame.contentDocument.documentElement.offsetHeight + 2 + "px"; }).observe(body);
  };
  frame.addEventListener("load", measure);
  measure();
}

// sum shows the checksum of a file once its line is opened: the server reads the
// whole file for it, about a second for each GiB, and one file at a time.
function sum(line) {
  const link = line.querySelector("a");
  const status = line.querySelector("[role=status]");
  if (!line.open || !link || status.textContent === line.dataset.waiting) return;
  status.textContent = line.dataset.waiting;
  summing = summing.then(async () => {
    const answer = await fetch(link.href).catch(() => null);
    const text = (answer?.ok && await answer.text().catch(() => "")) || "";
    const digits = /^[0-9a-f]{64}(?= )/.exec(text)?.[0];
    status.textContent = digits ? line.dataset.done : line.dataset.failed;
    if (!digits) return;
    const code = document.createElement("code");
    code.textContent = digits;
    link.replaceWith(code);
  });
}

// watch says before the session ends that it will, and keeps it when asked to,
// and while files are on their way (WCAG 2.2, 2.2.1).
function watch(notice) {
  const life = Number(notice.dataset.life) * 1000;
  const notify = Math.min(life / 4, 180_000);
  let heard = Date.now();
  const keep = async () => {
    const answer = await fetch(location.pathname, { method: "HEAD" }).catch(() => null);
    if (!answer?.ok) return;
    heard = Date.now();
    notice.hidden = true;
  };
  notice.querySelector("button").addEventListener("click", keep);
  const timer = setInterval(() => {
    const left = heard + life - Date.now();
    if (left <= 0) {
      clearInterval(timer);
      notice.querySelector("p").textContent = notice.dataset.over;
      notice.querySelector("button").remove();
    } else if (left < life / 2 && session.busy()) keep();
    else if (left < notify) notice.hidden = false;
  }, Math.min(5000, life / 20));
  return { busy: () => false };
}

// What a browser keeps: the number of the reply being written and the keys of
// its uploads, none of which opens anything without the session; the text in the
// tab's own storage.
function forget(seat) {
  for (const store of [localStorage, sessionStorage]) {
    for (const key of Object.keys(store)) {
      if (key.startsWith("sd:" + seat) || key.startsWith("tus::")) store.removeItem(key);
    }
  }
}

// recall shows what was being written in this tab when the session ended, to be
// copied into another.
function recall(kept) {
  const text = sessionStorage.getItem("sd:" + kept.dataset.seat + ":text");
  kept.querySelector("textarea").value = text || "";
  kept.hidden = !text;
}

function start(form) {
  const seat = form.dataset.seat;
  const input = form.querySelector("#files");
  const list = form.querySelector("#uploads");
  const status = form.querySelector("#uploads-status");
  const send = form.querySelector("button[type=submit]");
  const text = form.querySelector("#text");
  const submission = form.querySelector("[name=submission]");
  const say = form.dataset;
  const rows = new Map();
  let sending = false;

  input.removeAttribute("name");
  form.querySelector("#text-hint").hidden = false;
  text.setAttribute("aria-describedby", "text-hint");
  if (text.value === "") text.value = sessionStorage.getItem("sd:" + seat + ":text") || "";
  text.addEventListener("input", () => sessionStorage.setItem("sd:" + seat + ":text", text.value));
  input.addEventListener("change", () => {
    for (const file of input.files) begin(file);
    input.value = "";
  });
  form.addEventListener("submit", (event) => {
    const open = [...rows.values()].find((row) => row.busy || row.broken);
    if (!open && !sending) {
      sending = true;
      return;
    }
    event.preventDefault();
    if (open) {
      announce(open.broken ? say.unfinished : say.waiting);
      open.element.querySelector("button").focus();
    }
  });
  window.addEventListener("pageshow", () => { sending = false; });
  window.addEventListener("beforeunload", (event) => {
    if ([...rows.values()].some((row) => row.busy)) event.preventDefault();
  });
  if (session) session.busy = () => [...rows.values()].some((row) => row.busy);
  resume();

  // resume goes on with the reply that this browser was writing at this message.
  async function resume() {
    const kept = localStorage.getItem("sd:" + seat + ":submission");
    const files = kept && kept !== submission.value ? await arrived(kept) : null;
    if (files) submission.value = kept;
    localStorage.setItem("sd:" + seat + ":submission", submission.value);
    for (const file of files || (list.children.length ? await arrived(submission.value) : null) || []) show(file);
  }

  async function arrived(number) {
    try {
      const answer = await fetch(uploads(number), { headers: { Accept: "application/json" } });
      return answer.ok ? (await answer.json()).files : null;
    } catch {
      return null;
    }
  }

  function uploads(number) { return seat + "/replies/" + number + "/uploads"; }

  // show lists a file that the server has, whole or in part.
  function show(file) {
    list.querySelectorAll("[data-id]").forEach((row) => { if (row.dataset.id === file.id) row.remove(); });
    const row = add(file.name, file.size);
    row.url = uploads(submission.value) + "/" + file.id;
    row.done = file.offset;
    if (file.offset === file.size) finished(row);
    else interrupted(row, say.unfinished);
  }

  async function begin(file) {
    const same = [...rows.values()].find((row) => row.broken && row.name === file.name && row.size === file.size);
    const row = same || add(file.name, file.size);
    row.file = file;
    transmit(row);
  }

  function transmit(row) {
    row.busy = true;
    row.broken = false;
    row.retry?.remove();
    row.bar.hidden = false;
    row.state.classList.remove("bad");
    row.upload = new Upload(row.file, {
      endpoint: uploads(submission.value),
      uploadUrl: row.url || null,
      metadata: { filename: row.file.name, filetype: row.file.type },
      retryDelays: [0, 1000, 3000, 5000, 10000, 20000, 60000],
      storeFingerprintForResuming: false,
      headers: { Accept: "application/json" },
      onUploadUrlAvailable: () => { row.url = new URL(row.upload.url, location.href).pathname; },
      onProgress: (sent) => progress(row, sent),
      onSuccess: () => finished(row),
      onError: (error) => interrupted(row, detail(error)),
    });
    row.upload.start();
  }

  function detail(error) {
    try {
      return JSON.parse(error.originalResponse.getBody()).detail || say.failed;
    } catch {
      return say.failed;
    }
  }

  function add(name, size) {
    const row = { name, size, done: 0, busy: false, broken: false, element: document.createElement("li") };
    row.bar = document.createElement("progress");
    row.bar.max = Math.max(size, 1);
    row.bar.value = 0;
    row.bar.setAttribute("aria-label", name);
    row.state = element("span", "state", "0 %");
    const remove = button(say.remove, name);
    remove.addEventListener("click", () => drop(row));
    row.element.append(element("span", "name", name), remove, row.bar, row.state);
    list.append(row.element);
    rows.set(row.element, row);
    return row;
  }

  async function drop(row) {
    await row.upload?.abort();
    if (row.url) fetch(row.url, { method: "DELETE", headers: { Accept: "application/json", "Tus-Resumable": "1.0.0" } }).catch(() => {});
    rows.delete(row.element);
    row.element.remove();
    total();
    input.focus();
  }

  function progress(row, sent) {
    row.done = sent;
    row.bar.value = sent;
    row.state.textContent = percent(sent, row.size);
    total();
  }

  function finished(row) {
    row.busy = false;
    row.broken = false;
    row.done = row.size;
    row.bar.hidden = true;
    row.state.textContent = say.done;
    total(row.name + ": " + say.done);
  }

  function interrupted(row, why) {
    row.busy = false;
    row.broken = true;
    row.bar.value = row.done;
    row.state.textContent = why;
    row.state.classList.add("bad");
    if (row.file) {
      row.retry = button(say.retry, row.name);
      row.retry.addEventListener("click", () => transmit(row));
      row.element.append(row.retry);
    }
    total(row.name + ": " + why);
  }

  // total shows how far all files are; a screen reader hears only what is news.
  function total(news) {
    const all = [...rows.values()];
    const size = all.reduce((sum, row) => sum + row.size, 0);
    const done = all.reduce((sum, row) => sum + row.done, 0);
    form.querySelector("#uploads-total").textContent = all.some((row) => row.busy) ? say.total.replace("%d", percent(done, size)) : "";
    if (news) announce(news);
  }

  function announce(news) { status.textContent = news; }

  function percent(part, whole) { return Math.floor((100 * part) / Math.max(whole, 1)) + " %"; }

  function button(label, about) {
    const b = element("button", "small", label);
    b.type = "button";
    b.setAttribute("aria-label", label + ": " + about);
    return b;
  }

  function element(tag, className, content) {
    const e = document.createElement(tag);
    e.className = className;
    e.textContent = content;
    return e;
  }
}
