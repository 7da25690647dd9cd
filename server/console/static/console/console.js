// What the pages do besides being pages: the menu on a narrow screen, printing, live parts, asking back.
"use strict";

document.addEventListener("click", (event) => {
  const menu = event.target.closest(".menu-button");
  if (menu) {
    const open = menu.getAttribute("aria-expanded") !== "true";
    menu.setAttribute("aria-expanded", String(open));
  }
  if (event.target.closest("button.print")) window.print();
  const who = document.querySelector("details.who[open]");
  if (who && !who.contains(event.target)) who.open = false;
});

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  const question = button && button.dataset.ask;
  if (question && !window.confirm(question)) event.preventDefault();
  else if (event.target.dataset.busy !== undefined) event.target.classList.add("busy");
});

// <section data-live="/console/…" data-every="2000"> is replaced by what its address answers; an
// answer with the header X-Goto sends the reader on.
function follow(part) {
  const every = Number(part.dataset.every || 5000);
  window.setTimeout(async () => {
    try {
      if (!document.hidden) {
        const answer = await fetch(part.dataset.live, { headers: { "X-Live": "1" } });
        const place = answer.headers.get("X-Goto");
        if (place) return window.location.assign(place);
        if (answer.ok) part.innerHTML = await answer.text();
      }
    } catch {
      // The server is away for a moment: the next turn asks again
    }
    follow(part);
  }, every);
}
document.querySelectorAll("[data-live]").forEach(follow);
