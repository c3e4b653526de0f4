// Everything works without this file; it keeps the place on the page and says aloud what was marked.
"use strict";
(() => {
  const frame = document.querySelector("iframe[name=original]");
  const said = document.getElementById("said");
  const light = (keys) => {
    for (const cell of document.querySelectorAll("td.lit")) cell.classList.remove("lit");
    for (const cell of document.querySelectorAll("td[data-cell]")) {
      if (keys.includes(cell.dataset.cell)) cell.classList.add("lit");
    }
  };
  const only = (link) => {
    for (const each of document.querySelectorAll("a.finding, a.spot")) each.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    said.textContent = said.dataset.said + link.textContent.trim();
  };
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const spot = event.target.closest("a.spot");
    const finding = event.target.closest("a.finding");
    if (spot) {
      light([]);
      only(spot);
    } else if (finding && frame) {
      event.preventDefault();
      light(finding.dataset.cells.split(" "));
      only(finding);
      frame.src = finding.dataset.frame;
    }
  });
})();
