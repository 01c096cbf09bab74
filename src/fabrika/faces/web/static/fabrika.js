// Tells a reader whose page no longer hears of changes, and looks again when a sign-in has ended; all works without it.
(() => {
  "use strict";
  const told = (lost) => {
    const notice = document.getElementById("stale");
    if (notice) notice.hidden = !lost;
  };
  for (const name of ["htmx:sse:error", "htmx:sse:close"]) document.addEventListener(name, () => told(true));
  for (const name of ["htmx:after:sse:connection", "htmx:after:sse:message"]) {
    document.addEventListener(name, () => told(false));
  }
  document.addEventListener("ended", () => window.location.reload());
})();
