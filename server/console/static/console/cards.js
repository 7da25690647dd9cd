// A class worked off with a reader that types: a tap binds, the next name comes by itself.
"use strict";

const form = document.getElementById("tap");
const field = document.getElementById("uid");
const kind = document.getElementById("format");
const said = document.getElementById("said");
const undo = document.getElementById("undo");
const lines = [...document.querySelectorAll("#lines tr")];
let turn = null;
let last = null;
let busy = false;

kind.value = localStorage.getItem("card-format") || kind.value;
kind.addEventListener("change", () => { localStorage.setItem("card-format", kind.value); field.focus(); });

function nameOf(line) {
  return `${line.children[0].textContent} ${line.querySelector(".pick").textContent}`;
}

function go(line) {
  turn = line;
  lines.forEach((one) => one.toggleAttribute("aria-current", one === line));
  document.getElementById("turn").textContent = line ? nameOf(line) : "✓";
  if (line) line.scrollIntoView({ block: "nearest" });
  field.disabled = !line;
  if (line) field.focus();
}

// The next without a card after `line`, round to the start
function next(line) {
  const from = lines.indexOf(line) + 1;
  return [...lines.slice(from), ...lines.slice(0, from)].find((one) => !one.dataset.done) || null;
}

function tell(text, good) {
  said.hidden = false;
  said.textContent = text;
  said.className = good ? "notice" : "said";
}

function mark(line, done) {
  if (done) line.dataset.done = "1"; else delete line.dataset.done;
  line.querySelector(".badge").hidden = !done;
  const count = lines.filter((one) => one.dataset.done).length;
  document.getElementById("done").textContent = count;
  document.getElementById("progress").value = count;
}

async function send(line, values) {
  const body = new FormData(form);
  body.set("person", line.dataset.person);
  Object.entries(values).forEach(([name, value]) => body.set(name, value));
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    return await answer.json();
  } catch {
    return { ok: false, said: form.dataset.away };
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const typed = field.value.trim();
  // Readers send Enter with the number; a second one in haste must not bind twice
  if (busy || !turn || !typed) return field.focus();
  busy = true;
  field.value = "";
  const line = turn;
  const answer = await send(line, { uid: typed });
  busy = false;
  if (!answer.ok) { tell(answer.said, false); return field.focus(); }
  mark(line, true);
  last = line;
  undo.disabled = false;
  tell(`✓ ${form.dataset.taken} ${nameOf(line)}`, true);
  go(next(line));
});

undo.addEventListener("click", async () => {
  if (busy || !last) return;
  busy = true;
  const line = last;
  const answer = await send(line, { do: "undo" });
  busy = false;
  if (!answer.ok) return tell(answer.said, false);
  last = null;
  undo.disabled = true;
  mark(line, false);
  tell(`${form.dataset.undone} ${nameOf(line)}`, true);
  go(line);
});

document.getElementById("skip").addEventListener("click", () => go(next(turn)));
document.getElementById("lines").addEventListener("click", (event) => {
  const pick = event.target.closest(".pick");
  if (pick) go(pick.closest("tr"));
});

go(lines.find((one) => one.dataset.person === form.dataset.chosen) || next(null));
