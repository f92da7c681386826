// Tables that sort, filter, count and download what they show: <div class="sheet" data-table data-name="rows"><table>.
// What they show can be kept as CSV and as an Excel file. Without this script they are plain and complete. Long ones are drawn a part at a time; printing draws all of them.
"use strict";
(() => {
  const PART = 250; // rows drawn at a time
  const SMALL = 8; // a table with fewer rows needs no tools; data-table="full" gives it them
  const FORMULA = /^[=+\-@\t\r]/; // as actions/exporting.py: what a spreadsheet would run is kept as text
  const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const whole = new Intl.NumberFormat(document.documentElement.dataset.locale || "en");
  const known = new Set();

  function made(tag, settings, ...inside) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(settings)) {
      if (name in node) node[name] = value;
      else node.setAttribute(name, value);
    }
    node.append(...inside);
    return node;
  }

  /** The words of a cell, without pictures and help. */
  function words(cell) {
    let from = cell;
    if (cell.firstElementChild) {
      from = cell.cloneNode(true);
      from.querySelectorAll("svg, .meaning, .what, [data-unsaid]").forEach((node) => node.remove());
    }
    return from.textContent.replace(/\s+/g, " ").trim();
  }

  /** What a form of this page proves itself with; none where nobody is signed in. */
  function token() {
    return document.querySelector("input[name=csrfmiddlewaretoken]")?.value;
  }

  function told(cell) {
    return cell?.dataset.value ?? words(cell);
  }

  class Sheet {
    constructor(sheet) {
      this.sheet = sheet;
      this.table = sheet.querySelector("table");
      this.rows = [...this.table.tBodies].flatMap((body) => [...body.rows]);
      // Rows that belong together (groups, merged cells) keep their order and are drawn at once.
      this.grouped = this.table.tBodies.length !== 1 || this.rows.some((row) => [...row.cells].some((c) => c.colSpan > 1 || c.rowSpan > 1));
      this.order = this.shown = this.rows;
      this.texts = null;
      this.query = "";
      this.drawn = this.rows.length;
      sheet.classList.add("ready");
      this.frame();
      this.plain = ["plain", undefined].includes(sheet.dataset.table); // it only scrolls
      if (!this.plain && (this.rows.length >= SMALL || sheet.dataset.table === "full")) this.addTools();
      if (!this.plain && !this.grouped && this.rows.length > 2) this.addSorting();
      if (!this.plain) this.draw();
      new ResizeObserver(() => this.fit()).observe(sheet);
    }

    /** The scrolling part, and the tools above it. */
    frame() {
      this.scroll = made("div", { className: "sheet-scroll" });
      this.table.before(this.scroll);
      this.scroll.append(this.table);
      this.more = made("button", { type: "button", className: "sheet-more plain", hidden: true });
      this.more.addEventListener("click", () => this.drawMore());
      this.scroll.append(this.more);
      new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.drawMore(), { rootMargin: "400px" }).observe(this.more);
    }

    addTools() {
      const filter = made("input", { type: "search", placeholder: "Filter", autocomplete: "off" });
      filter.setAttribute("aria-label", `Filter ${this.name()}`);
      filter.addEventListener("input", () => this.filter(filter.value));
      this.count = made("output", { className: "sheet-count" });
      this.count.setAttribute("aria-live", "polite");
      const save = (label, title, act) => {
        const button = made("button", { type: "button", className: "quiet", title }, label);
        button.addEventListener("click", () => act(button));
        return button;
      };
      const files = made("span", { className: "sheet-files" }, save(this.files("CSV", "Download CSV"), "The rows shown, in the order shown, as CSV", () => this.download()));
      if (token()) files.append(save(this.files("Excel", "Excel"), "The rows shown, in the order shown, as an Excel file", (button) => this.book(button)));
      this.failed = made("span", { className: "sheet-failed", role: "alert", hidden: true }, "The Excel file could not be made; the CSV can.");
      this.scroll.before(made("div", { className: "sheet-tools" }, filter, this.count, files));
    }

    name() {
      return this.table.caption?.textContent.trim() || this.sheet.dataset.name || "rows";
    }

    /** What a download is called: on a page of a longer list it says that it holds only this page. */
    files(form, usual) {
      return this.sheet.dataset.files ? `${this.sheet.dataset.files} as ${form}` : usual;
    }

    addSorting() {
      [...this.table.tHead?.rows[0]?.cells ?? []].forEach((cell, index) => {
        const label = words(cell);
        if (!label || cell.dataset.sort === "no") return;
        const button = made("button", { type: "button", className: "sort" });
        if (cell.querySelector("button, a, summary, input")) {
          button.setAttribute("aria-label", `Sort by ${label}`);
          cell.append(button);
        } else {
          button.append(...cell.childNodes);
          cell.append(button);
        }
        button.addEventListener("click", () => this.sort(cell, index));
      });
    }

    /** First click: numbers from the largest, words from A. Second: the other way. Equal rows keep their order. */
    sort(cell, index) {
      const values = new Map(this.rows.map((row) => [row, told(row.cells[index])]));
      const numeric = [...values.values()].every((value) => value === "" || value === "–" || NUMBER.test(value));
      const before = cell.getAttribute("aria-sort");
      const falling = before ? before === "ascending" : numeric && cell.classList.contains("num");
      this.table.querySelectorAll("[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
      cell.setAttribute("aria-sort", falling ? "descending" : "ascending");
      const none = (value) => value === "" || value === "–";
      const compare = numeric ? (a, b) => a - b : collator.compare;
      this.order = [...this.rows].sort((one, other) => {
        const [a, b] = [values.get(one), values.get(other)];
        if (none(a) || none(b)) return none(a) - none(b); // the unknown comes last either way
        return falling ? compare(b, a) : compare(a, b);
      });
      this.refresh();
    }

    filter(query) {
      this.query = query.toLowerCase().trim();
      this.refresh();
    }

    refresh() {
      const parts = this.query.split(/\s+/).filter(Boolean);
      if (parts.length) this.texts ??= new Map(this.rows.map((row) => [row, [...row.cells].map(words).join(" ").toLowerCase()]));
      this.shown = this.order.filter((row) => parts.every((part) => this.texts.get(row).includes(part)));
      this.draw();
    }

    draw(all = false) {
      if (this.grouped) {
        const shown = new Set(this.shown);
        this.rows.forEach((row) => { row.hidden = !shown.has(row); });
      } else if (all || this.shown !== this.rows || this.rows.length > 2 * PART) {
        this.drawn = all || this.shown.length <= 2 * PART ? this.shown.length : PART;
        this.table.tBodies[0].replaceChildren(...this.shown.slice(0, this.drawn));
      }
      this.say();
    }

    drawMore() {
      if (this.drawn >= this.shown.length) return;
      this.table.tBodies[0].append(...this.shown.slice(this.drawn, this.drawn + PART));
      this.drawn = Math.min(this.drawn + PART, this.shown.length);
      this.say();
    }

    say() {
      const left = this.grouped ? 0 : this.shown.length - this.drawn;
      this.more.hidden = left <= 0;
      this.more.textContent = `Show more (${whole.format(left)} not drawn yet)`;
      if (!this.count) return;
      const [shown, all] = [this.shown.length, this.rows.length];
      const rows = all === 1 ? "row" : "rows";
      this.count.textContent = shown === all ? `${whole.format(all)} ${rows}` : `${whole.format(shown)} of ${whole.format(all)} ${rows}`;
    }

    /** A table wider than its place scrolls inside it, and can be scrolled by keyboard. */
    fit() {
      const wide = this.table.offsetWidth > this.sheet.clientWidth + 1;
      this.scroll.classList.toggle("wide", wide);
      for (const [name, value] of [["tabindex", "0"], ["role", "group"], ["aria-label", `Table: ${this.name()}`]]) {
        if (wide) this.scroll.setAttribute(name, value);
        else this.scroll.removeAttribute(name);
      }
    }

    /** The header, and the rows shown in the order shown. */
    lines() {
      return [[...this.table.tHead?.rows[0]?.cells ?? []].map(words), this.shown.map((row) => [...row.cells].map(told))];
    }

    csv() {
      const cell = (value) => {
        const inert = FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
        return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
      };
      const [header, rows] = this.lines();
      return [header, ...rows].map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
    }

    download() {
      this.save(new Blob(["\ufeff", this.csv()], { type: "text/csv;charset=utf-8" }), "csv");
    }

    /** The same rows as an Excel file, which the desk makes: numbers stay numbers, and text stays text. */
    async book(button) {
      const header = this.lines()[0];
      const rows = this.shown.map((row) => [...row.cells].map((cell) => {
        const value = told(cell);
        return value === "" ? null : cell.classList.contains("num") && NUMBER.test(value) ? Number(value) : value;
      }));
      const form = new FormData();
      form.append("csrfmiddlewaretoken", token());
      form.append("shown", new Blob([JSON.stringify({ name: this.sheet.dataset.name || "table", header, rows })]), "shown.json");
      button.disabled = true;
      const answer = await fetch("/downloads/table.xlsx", { method: "POST", body: form }).catch(() => null);
      button.disabled = false;
      const done = Boolean(answer?.ok && !answer.redirected);
      this.failed.hidden = done;
      if (done) this.save(await answer.blob(), "xlsx");
      else button.closest(".sheet-tools").append(this.failed);
    }

    save(file, form) {
      const link = made("a", { href: URL.createObjectURL(file), download: `${this.sheet.dataset.name || "table"}.${form}` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    }
  }

  function prepare(within) {
    within.querySelectorAll(".sheet:not(.ready)").forEach((sheet) => {
      if (sheet.querySelector("table")) known.add(new Sheet(sheet));
    });
  }

  prepare(document);
  document.addEventListener("htmx:load", (event) => {
    known.forEach((one) => one.sheet.isConnected || known.delete(one));
    prepare(event.detail.elt);
  });
  addEventListener("beforeprint", () => known.forEach((one) => one.plain || one.draw(true)));
})();
