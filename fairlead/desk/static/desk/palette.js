// The command palette: "/" finds a page, a metric, a term or a subject of the model; "g" and a letter go there; "?" says so.
"use strict";
(() => {
  const SHOWN = 30;
  const SWITCH = "fairlead-keys"; // "off" where single keys are switched off: people who speak to their computer need that
  const opener = document.querySelector("[data-palette]");
  if (!opener) return;
  const goto = new Map([...document.querySelectorAll("[data-key]")].map((link) => [link.dataset.key, link]));
  let entries = null;
  let found = [];
  let at = 0;
  const FOLLOWS = 5000; // milliseconds in which a letter may follow "g": slow hands and slow machines are in no hurry
  let went = -Infinity; // when "g" was pressed
  let parts = null;
  let look = null;

  function made(tag, attributes, ...inside) {
    const node = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
    node.append(...inside);
    return node;
  }

  /** The palette's style sheet, fetched when it is first needed. */
  function dressed() {
    look ??= new Promise((done) => {
      const link = made("link", { rel: "stylesheet", href: opener.dataset.look });
      link.addEventListener("load", done);
      link.addEventListener("error", done);
      document.head.append(link);
    });
    return look;
  }

  function build() {
    const input = made("input", {
      type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list",
      "aria-label": "Find a page, metric or term", placeholder: "Find a page, metric or term", autocomplete: "off", spellcheck: "false",
    });
    const list = made("div", { id: "palette-list", role: "listbox", "aria-label": "Found" });
    const says = made("p", { class: "small", role: "status" });
    const keys = made("button", { type: "button", class: "quiet" }, "Keys");
    const foot = made("div", { class: "palette-foot" }, says, keys);
    const dialog = made("dialog", { class: "palette", "aria-label": "Find" }, input, list, foot);
    document.body.append(dialog);
    input.addEventListener("input", () => show(input.value));
    input.addEventListener("keydown", steer);
    list.addEventListener("click", (event) => choose([...list.children].indexOf(event.target.closest("[role=option]"))));
    keys.addEventListener("click", () => { dialog.close(); explain(); });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    return { dialog, input, list, says };
  }

  async function open() {
    await dressed();
    parts ??= build();
    if (parts.dialog.open) return;
    parts.input.value = "";
    parts.dialog.showModal();
    parts.input.focus();
    if (!entries) {
      parts.says.textContent = "Loading …";
      try {
        entries = await (await fetch(opener.dataset.palette, { headers: { Accept: "application/json" } })).json();
      } catch {
        parts.says.textContent = "The list of pages could not be loaded.";
        return;
      }
    }
    show(parts.input.value);
  }

  /** How well an entry answers: whole words before parts, names before descriptions; 0 is not at all. */
  function fit(entry, query) {
    const title = entry.title.toLowerCase();
    if (title === query) return 100;
    if (title.startsWith(query)) return 80;
    if (` ${title}`.includes(` ${query}`)) return 60;
    if (title.includes(query)) return 40;
    if (entry.also.includes(query)) return 30;
    const words = query.split(/\s+/);
    const all = `${title} ${entry.also} ${entry.says.toLowerCase()}`;
    if (words.every((word) => all.includes(word))) return 10;
    return Math.max(...[title, ...entry.also.split(" ")].map((name) => strewn(name, query.replaceAll(" ", ""))));
  }

  /** How closely the letters of a query stand in a name, in their order: 9 side by side, near 0 far apart, 0 not at all. */
  function strewn(name, letters) {
    if (letters.length < 2) return 0;
    let start = -1;
    let end = -1;
    for (const letter of letters) {
      end = name.indexOf(letter, end + 1);
      if (end < 0) return 0;
      if (start < 0) start = end;
    }
    return 9 * letters.length / (end - start + 1 + start / 2);
  }

  function show(query) {
    if (!entries) return;
    const asked = query.toLowerCase().trim();
    const scored = entries.map((entry, index) => [asked ? fit(entry, asked) : entry.kind === "page" ? 1 : 0, index]);
    const kept = scored.filter(([score]) => score).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
    found = kept.slice(0, SHOWN).map(([, index]) => entries[index]);
    parts.list.replaceChildren(...found.map((entry, index) => made(
      "div", { role: "option", id: `palette-${index}`, "aria-selected": "false" },
      made("span", {}, entry.title), made("small", {}, entry.says), made("span", { class: "tag" }, entry.kind),
    )));
    parts.says.textContent = kept.length ? `${kept.length} found` : asked ? "Nothing is called that." : "";
    move(0);
  }

  function move(to) {
    at = found.length ? (to + found.length) % found.length : 0;
    [...parts.list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    const active = parts.list.children[at];
    if (active) parts.input.setAttribute("aria-activedescendant", active.id);
    else parts.input.removeAttribute("aria-activedescendant");
    active?.scrollIntoView({ block: "nearest" });
  }

  function steer(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    if (event.key in steps) {
      event.preventDefault();
      const to = at + steps[event.key];
      move(event.key.startsWith("Page") ? Math.max(0, Math.min(found.length - 1, to)) : to);
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(at);
    }
  }

  function choose(index) {
    if (found[index]) location.assign(found[index].url);
  }

  const enabled = () => { try { return localStorage.getItem(SWITCH) !== "off"; } catch { return true; } };

  /** The keys, and the switch that turns single ones off. */
  async function explain() {
    await dressed();
    const lines = [["/ or Ctrl K", "Find"], ["?", "These keys"], ...[...goto].map(([key, link]) => [`g ${key}`, link.textContent])];
    const box = made("input", { type: "checkbox", id: "palette-keys" });
    box.checked = enabled();
    box.addEventListener("change", () => { try { localStorage.setItem(SWITCH, box.checked ? "on" : "off"); } catch { /* stays on */ } });
    const close = made("button", { type: "button", class: "plain" }, "Close");
    const dialog = made("dialog", { class: "palette keys", "aria-label": "Keys" },
      made("h2", {}, "Keys"),
      made("dl", { class: "facts" }, ...lines.flatMap(([key, says]) => [made("dt", {}, made("kbd", {}, key)), made("dd", {}, says)])),
      made("label", { for: "palette-keys", class: "check" }, box, "Single keys (Ctrl K always works)"), close);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  function typing(target) {
    return target.closest?.("input, select, textarea, [contenteditable], dialog[open]");
  }

  opener.addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !enabled()) return;
    const follows = event.timeStamp - went < FOLLOWS;
    went = -Infinity;
    if (follows && goto.has(event.key)) goto.get(event.key).click();
    else if (event.key === "g") went = event.timeStamp;
    else if (event.key === "/" || event.key === "?") {
      event.preventDefault();
      if (event.key === "/") open();
      else explain();
    }
  });
})();
