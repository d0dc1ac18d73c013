// Keeps the page fresh without a reload; without this script the page reloads by itself. Forms have pages of their own,
// which load no script: nothing is ever taken from under a typing hand.
"use strict";

const EVERY = 4000;
const main = () => document.getElementById("main");
const said = () => ["word", "sentence"].map((id) => document.getElementById(id).textContent.trim()).join(". ");

function show(fresh) {
  const next = fresh.getElementById("main");
  const looks = fresh.body.className;
  if (!next) {
    location.reload();
    return;
  }
  // What an act came to stays until the reader goes on.
  const done = main().querySelector(".done");
  const focused = document.activeElement && document.activeElement.id;
  const before = said();
  if (done && looks === document.body.className) next.querySelector(".state").after(done);
  main().replaceWith(document.adoptNode(next));
  document.body.className = looks;
  document.title = fresh.title;
  if (focused) document.getElementById(focused)?.focus();
  if (said() !== before) document.getElementById("announce").textContent = said();
}

async function refresh() {
  const stale = document.getElementById("stale");
  try {
    const answer = await fetch("./", { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.status);
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    stale.hidden = true;
  } catch {
    stale.hidden = false;
  }
}

async function keepFresh() {
  if (!document.hidden) await refresh();
  setTimeout(keepFresh, EVERY);
}

document.addEventListener("visibilitychange", () => document.hidden || refresh());
setTimeout(keepFresh, EVERY);
