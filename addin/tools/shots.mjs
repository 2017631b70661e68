// Takes pictures of the built pane at 320 px, light, dark and in high contrast, beside a
// stand-in for Outlook (host.js) and the API, and says what axe finds in them and
// what is wider than the pane: node tools/shots.mjs [folder].
import { spawn } from "node:child_process";
import { readFile, mkdir } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";

const folder = process.argv[2] ?? "/tmp/shots";
const root = new URL("..", import.meta.url).pathname;
const types = { ".js": "text/javascript", ".html": "text/html", ".png": "image/png" };
const id = "00" + "0".repeat(32);
const people = ["citizen@home.example", "colleague@municipality.example"].map((address, i) => ({
  id: `r${i}`, address, field: "to", state: i ? "undeliverable" : "notified",
}));
const live = {
  id, state: "live", progress: { received: 9, total: 9 }, encrypted: true, filed: true, codeKind: "generated", code: "kobber-7341-mælk",
  subject: "Your application", acceptedAt: "2026-11-22T09:00:00Z", expiresAt: "2026-11-29T09:00:00Z", replyMailbox: "building",
  replyTopic: "permits", recipients: people,
  files: [{ id: "f1", name: "Decision on the building permit, with annexes and plans.pdf", type: "application/pdf", size: 482113 }],
};
const settings = {
  caller: { name: "The caseworker", address: "caseworker@municipality.example", roles: ["Caseworker"] },
  policy: {
    organisation: "The Municipality", expiryDays: 7, maxExpiryDays: 30, maxTransferBytes: 2e9, maxFileBytes: 2e9, maxFiles: 200,
    maxRecipients: 500, codes: ["generated", "password", "none"], minPassword: 8, languages: ["da", "en"], senderLinks: true, alerts: "block",
  },
  mailboxes: [{ id: "building", name: "Building", address: "building@municipality.example", topics: [{ id: "permits", name: "Permits" }] }],
  defaults: { expiryDays: 7, language: "da", code: "generated", replyMailbox: "building", replyTopic: "permits" },
};
const failed = { ...live, state: "failed", detail: "Outlook denies access to the mailbox." };

function api(request, response, state) {
  const json = (value, status = 200) => response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
  if (request.url.includes("/progress")) {
    const now = { ...live, state: "receiving", progress: { received: 3_000_000, total: 7_400_000 } };
    response.writeHead(200, { "Content-Type": "text/event-stream" }).write(`event: progress\ndata: ${JSON.stringify(now)}\n\n`);
    return undefined;
  }
  if (request.url.endsWith("/settings")) return json(settings);
  if (request.url.endsWith("/recipients/check")) return json({ recipients: [{ address: "citizen@home.example", marks: ["outside", "new"] }] });
  if (request.method === "GET" || request.url.endsWith("/search")) return json({ transfers: [live, { ...failed, id: "x" }] });
  if (state === "working") return json({ id, state: "receiving", progress: { received: 0, total: 0 } }, 202);
  return json(state === "failed" ? failed : live, 202);
}

const policy = "default-src 'none'; script-src 'self'; style-src 'nonce-look'; img-src 'self' data:; connect-src 'self'";
let state = "form";
const server = createServer(async (request, response) => {
  const path = new URL(request.url, "http://localhost").pathname;
  if (path.startsWith("/api/")) return api(request, response, state);
  if (path === "/") return response.writeHead(200, { "Content-Type": "text/html" }).end(frames(request.url));
  const others = { "/host.js": "tools/host.js", "/axe.js": "node_modules/axe-core/axe.min.js" };
  const file = join(root, others[path] ?? join("dist", path));
  let body = await readFile(file).catch(() => undefined);
  if (!body) return response.writeHead(404).end();
  if (path === "/taskpane.html") {
    const config = JSON.stringify({ clientId: "8b7c0000-0000-4000-8000-000000000001", authority: "https://login.example/t", scope: "api://x/access_as_user" });
    const query = new URL(request.url, "http://localhost").search.replaceAll("&", "&amp;");
    body = String(body).replace("%%CONFIG%%", config.replaceAll('"', "&quot;")).replace("%%NONCE%%", "look").replace("%%OFFICE_JS%%", `host.js${query}`);
    response.setHeader("Content-Security-Policy", policy);
  }
  return response.writeHead(200, { "Content-Type": types[extname(path)] ?? "text/plain" }).end(body);
});

const frames = (url) => {
  const query = new URL(url, "http://localhost").search.slice(1);
  const frame = (theme) => `<iframe src="taskpane.html?${query}&theme=${theme}" style="width:320px;height:900px;border:1px solid gray"></iframe>`;
  return `<body style="margin:8px;background:#ccc">${frame("light")} ${frame("dark")}`;
};

const shoot = (url, file, more = []) =>
  new Promise((resolve, reject) => {
    const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--window-size=720,1000", "--virtual-time-budget=9000"];
    const chromium = spawn("chromium", [...flags, ...more, "--enable-logging=stderr", `--screenshot=${file}`, url]);
    let log = "";
    chromium.stderr.on("data", (text) => (log += text));
    chromium.on("error", reject);
    chromium.on("exit", () => resolve(log.split("\n").filter((line) => line.includes("CONSOLE")).join("\n")));
  });

await mkdir(folder, { recursive: true });
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${server.address().port}`;
for (const [name, lang] of [["form", "da-DK"], ["form", "de-DE"], ["fix", "da-DK"], ["more", "de-DE"], ["working", "de-DE"], ["failed", "da-DK"], ["done", "de-DE"], ["done", "da-DK"], ["read", "da-DK"], ["read", "de-DE"], ["unsupported", "nl-NL"]]) {
  state = name;
  for (const [look, more] of [["", []], ["-contrast", ["--force-high-contrast"]]]) {
    const file = join(folder, `${name}-${lang.slice(0, 2)}${look}.png`);
    console.log(file, await shoot(`${origin}/?state=${name}&lang=${lang}`, file, more));
  }
}
server.close();
server.closeAllConnections();
