// A stand-in for Outlook, for looking at the pane without one: Office.js
// members, a sign-in bridge, and a hand that presses what the state asks for.
const ask = new URLSearchParams(location.search);
const dark = ask.get("theme") === "dark";
const settings = { "sd.options": undefined };
const marks = ask.get("marks") ? JSON.parse(ask.get("marks")) : {};
const ok = (done, value) => setTimeout(() => done({ status: "succeeded", value }), 1);
const people = {
  to: [{ displayName: "A citizen", emailAddress: "citizen@home.example" }, { displayName: "", emailAddress: "not-an-address" }],
  cc: [{ displayName: "A colleague", emailAddress: "colleague@municipality.example" }],
  bcc: [{ displayName: "", emailAddress: "a.very.long.address.that.needs.to.wrap@department.company.example" }],
};
if (ask.get("state") !== "form") people.to.pop();
const files = [
  { id: "a1", name: "Decision on the building permit, with annexes and plans.pdf", size: 482113, attachmentType: "file", isInline: false },
  { id: "a2", name: "Photo.jpg", size: 3112000, attachmentType: "file", isInline: false },
  { id: "a3", name: "image001.png", size: 9000, attachmentType: "file", isInline: true },
];
const compose = {
  subject: { getAsync: (done) => ok(done, "Your application") },
  to: { getAsync: (done) => ok(done, people.to) },
  cc: { getAsync: (done) => ok(done, people.cc) },
  bcc: { getAsync: (done) => ok(done, people.bcc) },
  getAttachmentsAsync: (done) => ok(done, files),
  addHandlerAsync: (type, handler, done) => ok(done),
  loadCustomPropertiesAsync: (done) =>
    ok(done, { get: (n) => marks[n], set: (n, v) => (marks[n] = v), saveAsync: (d) => ok(d) }),
  saveAsync: (done) => ok(done, "AAMk/draft=="),
  closeAsync: (options, done) => ok(done),
};
window.Office = {
  onReady: () => Promise.resolve({}),
  context: {
    displayLanguage: ask.get("lang") ?? "en-US",
    officeTheme: { bodyBackgroundColor: dark ? "#1f1f1f" : "#ffffff" },
    requirements: { isSetSupported: () => ask.get("state") !== "unsupported" },
    roamingSettings: { get: (n) => settings[n], set: (n, v) => (settings[n] = v), saveAsync: (done) => ok(done) },
    mailbox: {
      userProfile: { emailAddress: "caseworker@municipality.example" },
      convertToRestId: (id) => id.replace("/", "-"),
      addHandlerAsync: (type, handler, done) => ok(done),
      item: ask.get("state") === "read" ? { subject: "A reply" } : compose,
    },
  },
};
const listeners = [];
const claims = btoa(JSON.stringify({ oid: "o", tid: "t", sub: "s", preferred_username: "caseworker@municipality.example" }));
window.nestedAppAuthBridge = {
  addEventListener: (name, listener) => listeners.push(listener),
  removeEventListener: () => {},
  postMessage(text) {
    const { requestId, method } = JSON.parse(text);
    const answer = { messageType: "NestedAppAuthResponse", requestId, success: true };
    if (method === "GetInitContext") answer.initContext = { sdkName: "stand-in", sdkVersion: "1" };
    else {
      answer.token = { access_token: "access", id_token: `e30.${claims}.x`, expires_in: 3600, properties: null };
      answer.account = { environment: "login.example", homeAccountId: "o.t", username: "caseworker@municipality.example" };
    }
    setTimeout(() => listeners.forEach((listener) => listener(JSON.stringify(answer))), 1);
  },
};
const sends = { da: "Send Digitalt", de: "Digital senden" }[(ask.get("lang") ?? "").slice(0, 2)] ?? "Send Digitally";
const press = (text) => [...document.querySelectorAll("button")].find((b) => b.textContent.includes(text))?.click();
if (["done", "failed", "working", "fix"].includes(ask.get("state"))) setTimeout(() => press(sends), 1500);
if (ask.get("state") === "fix") people.to.push({ displayName: "", emailAddress: "not-an-address" });
if (ask.get("state") === "more") setTimeout(() => [...document.querySelectorAll("main button[aria-expanded=false]")].at(-1)?.click(), 1500);
if (["more", "password"].includes(ask.get("state"))) {
  setTimeout(() => document.querySelector('input[value="password"]')?.click(), 1600);
  setTimeout(() => document.querySelector("main")?.scrollTo(0, 9999), 2200);
}
setTimeout(async () => {
  const script = document.createElement("script");
  script.src = "axe.js";
  script.onload = async () => {
    const { violations } = await window.axe.run(document, { rules: { "page-has-heading-one": { enabled: false } } });
    for (const { id, nodes } of violations) console.warn(`axe ${id}: ${nodes.map((n) => n.html + " " + n.failureSummary).join(" | ")}`);
    const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1);
    if (wide.length > 0) console.warn(`wider than the pane: ${wide[0].outerHTML.slice(0, 200)}`);
  };
  document.head.append(script);
}, 3000);
