// The page at a station: figures are put together by tapping, and the page is loaded anew when something else is to be done next.
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    const chip = event.target.closest(".chips button");
    if (!chip) return;
    const field = chip.form.elements[chip.parentElement.dataset.for];
    if ("set" in chip.dataset) field.value = chip.dataset.set;
    else field.value = String((parseInt(field.value.replace(/\D/g, ""), 10) || 0) + Number(chip.dataset.add));
  });
  const untouched = (field) => field.type === "hidden" || field.value === field.defaultValue;
  document.addEventListener("htmx:after:sse:message", () => {
    const now = document.querySelector("#live [data-step]");
    const shown = document.getElementById("do");
    if (!now || !shown || now.dataset.step === shown.dataset.step) return;
    // What was pressed just now loads the page itself, with what came of it.
    if (document.documentElement.dataset.leaving || document.querySelector('form[data-busy="1"]')) return;
    if ([...shown.querySelectorAll("input, textarea")].every(untouched)) window.location.reload();
  });
})();
