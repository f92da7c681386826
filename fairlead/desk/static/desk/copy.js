// Buttons that copy the text of an element: <button data-copy="ID" hidden>. Without this script they stay hidden.
"use strict";
(() => {
  function ready(button) {
    const said = button.textContent;
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = said; }, 2000);
    });
  }
  document.querySelectorAll("[data-copy]").forEach(ready);
})();
