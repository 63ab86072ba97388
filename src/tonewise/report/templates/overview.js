"use strict";
(() => {
  const form = document.getElementById("filters");
  const rows = Array.from(document.querySelectorAll("#calls tbody tr"));
  if (!form || !rows.length) return;
  const status = document.getElementById("shown");
  const cells = rows.map((row) => {
    const found = { tone: row.dataset.kind, week: row.dataset.week };
    for (const cell of row.querySelectorAll("[data-column]")) found["column:" + cell.dataset.column] = cell.textContent;
    return { found, text: row.textContent.toLowerCase() };
  });
  const filter = () => {
    const chosen = Array.from(form.querySelectorAll("select")).filter((each) => each.value !== "");
    const typed = form.querySelector("input").value.trim().toLowerCase();
    let shown = 0;
    rows.forEach((row, number) => {
      const { found, text } = cells[number];
      const fits = text.includes(typed) && chosen.every((each) => found[each.name] === each.value.slice(1));
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    status.textContent = shown + " of " + rows.length + " calls shown";
  };
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
})();
