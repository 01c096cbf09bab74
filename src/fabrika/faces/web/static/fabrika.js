// Tells a reader whose page no longer hears of changes, and looks again when a sign-in has ended; all works without it.
(() => {
  "use strict";
  document.documentElement.classList.add("scripted");
  const LONGEST_MS = 10000;
  let heard = false;
  const told = (lost) => {
    heard = true;
    const notice = document.getElementById("stale");
    if (notice) notice.hidden = !lost;
  };
  for (const name of ["htmx:sse:error", "htmx:sse:close"]) document.addEventListener(name, () => told(true));
  for (const name of ["htmx:after:sse:connection", "htmx:after:sse:message"]) {
    document.addEventListener(name, () => told(false));
  }
  // A page that was never heard of is as lost as one whose connection broke.
  setTimeout(() => heard || told(true), LONGEST_MS);
  // Whatever is pressed elsewhere closes a group of pages that stands open, as does Escape.
  const close = (but) => {
    for (const open of document.querySelectorAll("nav details[open]")) if (!open.contains(but)) open.open = false;
  };
  document.addEventListener("click", (event) => close(event.target));
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.querySelector("nav details[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-print]")) window.print();
  });
  document.addEventListener("ended", () => window.location.reload());
})();
