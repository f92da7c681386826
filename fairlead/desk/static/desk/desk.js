// While a part of the page is fetched the page says so; what comes back in place of it is always a page, never nothing.
"use strict";
(() => {
  const content = () => document.getElementById("content");

  function failed(says) {
    const notice = document.createElement("p");
    notice.className = "notice bad";
    notice.setAttribute("role", "alert");
    notice.textContent = says;
    content()?.prepend(notice);
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!("quiet" in event.detail.elt.dataset)) content()?.setAttribute("aria-busy", "true"); // who only asks again is quiet
  });
  document.addEventListener("htmx:afterRequest", () => content()?.removeAttribute("aria-busy"));
  document.addEventListener("htmx:sendError", () => failed("The desk does not answer. Check the connection and try again."));
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, pathInfo } = event.detail;
    if (xhr.status === 204 || event.detail.requestConfig.headers["HX-Target"] !== "content") return;
    if (xhr.responseText.includes('id="content"')) {
      event.detail.shouldSwap = true; // a page that says what is wrong is shown like any other
      event.detail.isError = false;
    } else {
      event.detail.shouldSwap = false; // the sign-in, or an error page: opened as a page of its own
      location.assign(pathInfo.finalRequestPath);
    }
  });
})();
