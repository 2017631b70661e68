// Uploads files as they are chosen, with progress for each, and sends the form
// without them. Without this script the form sends them itself.
"use strict";
const form = document.getElementById("reply-form");
if (form) start(form);

function start(form) {
  const input = form.querySelector("#files");
  const list = form.querySelector("#uploads");
  const send = form.querySelector("button[type=submit]");
  const say = form.dataset;
  const running = new Set();
  let count = list.children.length;
  let sending = false;

  input.removeAttribute("name");
  input.addEventListener("change", () => {
    for (const file of input.files) add(file);
    input.value = "";
  });
  form.addEventListener("submit", (event) => {
    if (running.size > 0 || sending) {
      event.preventDefault();
      return;
    }
    sending = true;
    send.disabled = true;
  });
  window.addEventListener("pageshow", () => { sending = false; settle(); });
  window.addEventListener("beforeunload", (event) => {
    if (running.size > 0) event.preventDefault();
  });

  function settle() {
    send.disabled = running.size > 0;
    if (running.size > 0) send.setAttribute("aria-describedby", "files-hint");
  }

  function add(file) {
    const id = "u" + ++count;
    const row = document.createElement("li");
    const name = element("span", "name", file.name);
    const state = element("span", "state", "0 %");
    const bar = document.createElement("progress");
    bar.max = Math.max(file.size, 1);
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    const remove = button(say.remove, file.name);
    row.append(name, remove, bar, state);
    list.append(row);
    let request = transmit();
    remove.addEventListener("click", () => {
      request.abort();
      running.delete(id);
      row.remove();
      fetch(say.uploads + id, { method: "DELETE", headers: { Accept: "application/json" } }).catch(() => {});
      settle();
      input.focus();
    });

    function transmit() {
      const xhr = new XMLHttpRequest();
      running.add(id);
      settle();
      xhr.open("PUT", say.uploads + id);
      xhr.setRequestHeader("Accept", "application/json");
      xhr.setRequestHeader("Content-Type", file.type || "application/octet-stream");
      xhr.setRequestHeader("Content-Disposition", "attachment; filename*=UTF-8''" + encodeURIComponent(file.name).replace(/['()*]/g, (c) => "%" + c.charCodeAt(0).toString(16)));
      xhr.upload.addEventListener("progress", (event) => {
        bar.value = event.loaded;
        state.textContent = Math.floor((100 * event.loaded) / Math.max(event.total, 1)) + " %";
      });
      xhr.addEventListener("load", () => {
        if (xhr.status === 201) return end(say.done, false);
        let detail = say.failed;
        try { detail = JSON.parse(xhr.responseText).detail || detail; } catch { /* not a problem document */ }
        end(detail, true);
      });
      xhr.addEventListener("error", () => end(say.failed, true));
      xhr.send(file);
      return xhr;
    }

    function end(text, failed) {
      running.delete(id);
      state.textContent = text;
      state.classList.toggle("bad", failed);
      bar.hidden = true;
      settle();
      if (!failed) return;
      const retry = button(say.retry, file.name);
      retry.addEventListener("click", () => {
        retry.remove();
        bar.hidden = false;
        state.classList.remove("bad");
        request = transmit();
      });
      row.append(retry);
    }
  }

  function button(text, about) {
    const b = element("button", "small", text);
    b.type = "button";
    b.setAttribute("aria-label", text + ": " + about);
    return b;
  }

  function element(tag, className, text) {
    const e = document.createElement(tag);
    e.className = className;
    e.textContent = text;
    return e;
  }
}
