"""Style and script of the review page. The script reads what is in the page and writes no HTML."""

STYLE = """
:root { --line: #d0d4da; --soft: #f4f6f8; --ink: #1d2530; --dim: #5b6674; --gone: #b3261e; --came: #1b6e3c; --mark: #1f4f8f; }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: #fff;
  font: 15px/1.7 "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "Source Han Sans SC", sans-serif; }
header, main { padding: 0 20px; }
h1 { margin: 18px 0 4px; font-size: 22px; }
h2 { margin: 26px 0 8px; font-size: 18px; }
h3 { margin: 0; font-size: 15px; font-weight: 600; }
p { margin: 4px 0; }
ul { margin: 2px 0; padding-left: 20px; }
.dim { color: var(--dim); }
form { position: sticky; top: 0; z-index: 3; display: flex; flex-wrap: wrap; gap: 6px 16px; align-items: center;\
 padding: 8px 20px;
  background: var(--soft); border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); }
button { font: inherit; padding: 3px 10px; border: 1px solid #aab2bd; border-radius: 4px; background: #fff; cursor: pointer; }
output { margin-left: auto; color: var(--dim); }
.body { display: grid; grid-template-columns: 270px minmax(0, 1fr); gap: 24px; }
nav { position: sticky; top: 56px; align-self: start; max-height: calc(100vh - 66px); overflow: auto; padding: 12px 8px 12px 0;
  border-right: 1px solid var(--line); font-size: 13px; line-height: 1.5; }
nav strong { display: block; margin: 10px 0 2px; }
nav a { display: block; color: inherit; text-decoration: none; padding: 1px 6px; border-left: 3px solid transparent; }
nav a:hover, nav a.here { background: var(--soft); border-left-color: var(--mark); }
section.change { border: 1px solid var(--line); border-radius: 6px; margin: 0 0 14px; scroll-margin-top: 64px; }
section.change.here { border-color: var(--mark); box-shadow: 0 0 0 2px #cfe0f5; }
section.change > div.top { display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: baseline; padding: 6px 12px;\
 background: var(--soft);
  border-bottom: 1px solid var(--line); border-radius: 6px 6px 0 0; }
.kind { border: 1px solid var(--line); border-radius: 3px; padding: 0 6px; font-size: 13px; background: #fff; }
.substance { color: #7a4b00; font-size: 13px; }
.substance b { background: #fdf0d5; border-radius: 3px; padding: 0 5px; font-weight: 600; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
td, th { vertical-align: top; text-align: left; padding: 5px 12px; overflow-wrap: anywhere; }
table.pair td { width: 50%; }
table.pair td + td { border-left: 1px solid var(--line); }
table.pair tr.none td { background: #fafbfc; }
table.list td, table.list th { border: 1px solid var(--line); padding: 4px 8px; }
.inline { padding: 5px 12px; }
.l1 { padding-left: 0; } .l2 { padding-left: 2em; } .l3 { padding-left: 4em; }
.label { font-weight: 600; }
del { color: var(--gone); background: #fdecea; text-decoration: line-through; }
ins { color: var(--came); background: #e7f4ec; text-decoration: underline; }
.ref { color: var(--mark); border-bottom: 1px dotted var(--mark); }
body.beside .inline, body:not(.beside) table.pair { display: none; }
[hidden] { display: none !important; }
footer { padding: 16px 20px; color: var(--dim); font-size: 13px; }
@media (max-width: 900px) { .body { display: block; } nav { position: static; max-height: 200px; border-right: 0; } }
@page { size: A4 landscape; margin: 12mm; }
@media print {
  body { font-size: 10pt; line-height: 1.5; }
  header, main, footer { padding: 0; }
  form, nav { display: none; }
  .body { display: block; }
  section.change { break-inside: avoid-page; border-radius: 0; }
  h2 { break-after: avoid; }
  del, ins, .substance b, section.change > div.top { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""

SCRIPT = """
(function () {
  "use strict";
  var form = document.getElementById("view"), count = document.getElementById("count");
  var all = Array.prototype.slice.call(document.querySelectorAll("section.change"));
  var links = {};
  Array.prototype.forEach.call(document.querySelectorAll("nav a"), function (a) { links[a.getAttribute("href").slice(1)] = a; });
  var here = -1;
  function shown() { return all.filter(function (one) { return !one.hidden; }); }
  function filter() {
    var only = form.elements.substance.checked, quiet = form.elements.quiet.checked;
    all.forEach(function (one) {
      one.hidden = (only && one.getAttribute("data-substance") !== "1") || (quiet && one.getAttribute("data-quiet") === "1");
      if (links[one.id]) { links[one.id].hidden = one.hidden; }
    });
    here = -1;
    say();
  }
  function say() {
    var left = shown();
    count.textContent = (here >= 0 ? "第 " + (here + 1) + " 处，" : "") + "共 " + left.length + " 处" +
      (left.length < all.length ? "（全部 " + all.length + " 处）" : "");
  }
  function go(step) {
    var left = shown();
    if (!left.length) { return; }
    here = here < 0 ? (step > 0 ? 0 : left.length - 1) : (here + step + left.length) % left.length;
    mark(left[here]);
    left[here].scrollIntoView();
  }
  function mark(target) {
    all.forEach(function (one) {
      one.classList.toggle("here", one === target);
      if (links[one.id]) { links[one.id].classList.toggle("here", one === target); }
    });
    say();
  }
  function view() { document.body.classList.toggle("beside", form.elements.view.value === "beside"); }
  form.hidden = false;
  form.addEventListener("change", function () { view(); filter(); });
  document.getElementById("next").addEventListener("click", function () { go(1); });
  document.getElementById("previous").addEventListener("click", function () { go(-1); });
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (event.key === "n" || event.key === "j") { go(1); }
    if (event.key === "p" || event.key === "k") { go(-1); }
  });
  Object.keys(links).forEach(function (id) {
    links[id].addEventListener("click", function () {
      var target = document.getElementById(id);
      here = shown().indexOf(target);
      mark(target);
    });
  });
  view();
  filter();
})();
"""
