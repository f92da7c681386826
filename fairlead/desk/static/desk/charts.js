// A chart is a picture until somebody looks at it; then it is drawn live, so that it fits and answers the pointer.
"use strict";
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const views = new WeakMap();
  let program;
  let number = 0;

  function load(url) {
    program ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = url;
      script.onload = resolve;
      script.onerror = () => { program = undefined; script.remove(); reject(new Error(url)); };
      document.head.append(script);
    });
    return program;
  }

  function address(figure, width) {
    const size = width < 480 ? "narrow" : width < 820 ? "medium" : "wide";
    const url = new URL(figure.dataset.chart, location.href);
    url.searchParams.set("scheme", dark.matches ? "dark" : "light");
    url.searchParams.set("size", size);
    return url.href;
  }

  // The picture stays where anything fails: it says the same.
  async function draw(figure) {
    const stage = figure.querySelector(".chart-stage"), live = figure.querySelector(".chart-live");
    const still = figure.querySelector(".chart-still"), width = stage.clientWidth;
    const url = address(figure, width);
    if (!width || figure.dataset.drawn === url) return;
    figure.dataset.drawn = url;
    try {
      const [answer] = await Promise.all([fetch(url, { credentials: "same-origin" }), load(figure.dataset.program)]);
      if (!answer.ok) return;
      const spec = await answer.json();
      if (figure.dataset.drawn !== url) return; // the scheme or the width has changed meanwhile
      if (spec.height && still.clientHeight) spec.height = Math.round(still.clientHeight);
      const found = await window.vegaEmbed(live, spec, {
        ast: true, actions: false, renderer: "svg", defaultStyle: false, mode: "vega-lite",
        tooltip: { id: "vg-tooltip-element", disableDefaultStyle: true, theme: "fairlead" },
      });
      views.get(figure)?.finalize();
      views.set(figure, found);
      figure.classList.add("is-live");
    } catch {
      delete figure.dataset.drawn;
    }
  }

  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) draw(target);
  }, { rootMargin: "200px" });

  let waiting;
  const sized = new ResizeObserver(() => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { for (const figure of document.querySelectorAll(".chart.is-live")) draw(figure); }, 150);
  });

  function find(within) {
    for (const figure of within.querySelectorAll("[data-chart]")) {
      if (figure.dataset.watched) continue;
      figure.dataset.watched = String(++number);
      seen.observe(figure);
      sized.observe(figure);
    }
  }

  dark.addEventListener("change", () => {
    for (const figure of document.querySelectorAll(".chart.is-live")) draw(figure);
  });
  document.addEventListener("htmx:load", () => find(document));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => find(document));
  else find(document);
})();
