"use strict";
const form = document.querySelector("form");
const said = document.getElementById("said");
const groups = [...document.querySelectorAll("#list>.since")];
const entries = [...document.querySelectorAll("#list>:not(.since),#list>.since>article")];
// A change that is folded since the entry before shows it, and has to be shown where that one is elsewhere.
const repeated = entries.map((entry) => entry.querySelector("details.again"));
// Which rule that one has is no word of this one.
const texts = entries.map((entry, at) => {
  const said = repeated[at] ? repeated[at].firstElementChild.textContent : "";
  return entry.textContent.replace(said, "").toLowerCase();
});
function unfold() {
  repeated.forEach((change, at) => {
    if (!change) return;
    const before = entries[at - 1];
    change.open = before.hidden || entries[at].previousElementSibling !== before;
  });
}
const ranks = { error: 0, warning: 1, info: 2 };
function filter() {
  const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = [...form.querySelectorAll("select[data-key]")].filter((select) => select.value);
  let shown = 0;
  entries.forEach((entry, at) => {
    const fits = wanted.every((select) => entry.dataset[select.dataset.key] === select.value)
      && words.every((word) => texts[at].includes(word));
    entry.hidden = !fits;
    shown += fits;
  });
  groups.forEach((group) => { group.hidden = !group.querySelector("article:not([hidden])"); });
  unfold();
  said.textContent = `${shown} of ${entries.length} shown`;
}
function sort() {
  const key = form.elements.sort.value;
  const value = (entry) => entry.dataset[key] || "";
  const by = (a, b) => key === "place" ? 0
    : key === "severity" ? ranks[value(a)] - ranks[value(b)]
    : value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0;
  const order = entries.map((_, at) => at).sort((a, b) => by(entries[a], entries[b]) || a - b);
  order.forEach((at) => entries[at].parentElement.append(entries[at]));
  unfold();
}
// A narrow page has no room for the picture, and shows the table that says the same.
document.querySelectorAll(".picture+details").forEach((table) => {
  table.open = !table.previousElementSibling.checkVisibility();
});
if (form) {
  form.hidden = false;
  let waiting;
  form.addEventListener("input", (event) => {
    if (event.target.name === "sort") return sort();
    clearTimeout(waiting);
    waiting = setTimeout(filter, entries.length > 1000 ? 150 : 0);
  });
  form.addEventListener("reset", () => setTimeout(() => { filter(); sort(); }, 0));
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-set]");
    if (!button) return;
    form.elements[button.dataset.set].value = button.dataset.value;
    filter();
    form.scrollIntoView();
  });
  filter();
}
