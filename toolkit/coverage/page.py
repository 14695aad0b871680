"""Style and script of the coverage page. The script reads what is in the page and writes no HTML."""

STYLE = """
:root { --line: #d0d4da; --soft: #f4f6f8; --ink: #1d2530; --dim: #5b6674; --open: #b3261e; --met: #1b6e3c; --none: #6b7280; }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: #fff;
  font: 14px/1.55 "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "Source Han Sans SC", sans-serif; }
header, main, footer { padding: 0 20px; }
h1 { margin: 18px 0 2px; font-size: 22px; }
h2 { margin: 30px 0 8px; font-size: 17px; }
p { margin: 4px 0; }
.dim, .id { color: var(--dim); }
.id { font: 12px/1.4 ui-monospace, Consolas, monospace; overflow-wrap: anywhere; }
.totals { display: flex; flex-wrap: wrap; gap: 10px; margin: 12px 0 16px; }
.totals div { border: 1px solid var(--line); border-radius: 6px; padding: 6px 12px; min-width: 150px; }
.totals strong { display: block; font-weight: 600; }
.totals b { font-size: 18px; font-variant-numeric: tabular-nums; }
.open b, b.open, .badge.open { color: var(--open); }
b.met, .badge.met { color: var(--met); }
b.not_applicable, .badge.not_applicable { color: var(--none); }
.badge { display: inline-block; white-space: nowrap; font-weight: 600; }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 3px; padding: 0 5px; font-size: 12px;
  color: var(--dim); background: #fff; white-space: nowrap; }
.tag.legal { color: #1f4f8f; border-color: #a9c1e2; }
form { position: sticky; top: 0; z-index: 3; display: flex; flex-wrap: wrap; gap: 8px; align-items: center;
  min-height: 52px; padding: 8px 20px; background: var(--soft); border-top: 1px solid var(--line);
  border-bottom: 1px solid var(--line); }
input, select, button { font: inherit; padding: 4px 6px; border: 1px solid #aab2bd; border-radius: 4px; background: #fff;
  color: inherit; max-width: 180px; }
input[type=search] { width: 220px; max-width: 220px; }
button { cursor: pointer; }
output { margin-left: auto; color: var(--dim); white-space: nowrap; }
table { border-collapse: separate; border-spacing: 0; width: 100%; }
#matrix { table-layout: fixed; min-width: 1240px; }
th, td { text-align: left; vertical-align: top; padding: 5px 8px; border-right: 1px solid var(--line);
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th:first-child, td.first { border-left: 1px solid var(--line); }
thead th { position: sticky; top: var(--bar, 52px); z-index: 2; background: #e6eaef; border-top: 1px solid var(--line);
  white-space: nowrap; }
th[tabindex] { cursor: pointer; user-select: none; }
th[tabindex]:focus-visible { outline: 2px solid #1f4f8f; outline-offset: -2px; }
th[aria-sort=ascending]::after { content: " ▲"; font-size: 10px; }
th[aria-sort=descending]::after { content: " ▼"; font-size: 10px; }
tbody.open td { background: #fdecea; }
tbody.not_applicable td { color: var(--dim); background: #fafafa; }
tbody:not(.open):not(.not_applicable):hover td { background: #f3f7fc; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.named { color: var(--dim); }
.why { color: var(--open); }
.not_applicable .why { color: var(--dim); }
ul { margin: 2px 0; padding-left: 18px; }
[hidden] { display: none; }
footer { margin: 24px 0; color: var(--dim); font-size: 12px; }
.s { width: 5.5%; } .r { width: 14%; } .b { width: 11%; } .f { width: 9%; } .c { width: 11.5%; } .d { width: 8.5%; }
.p { width: 8%; } .w { width: 8.5%; } .t { width: 6.5%; } .e { width: 8%; } .v { width: 9.5%; }
@page { size: A4 landscape; margin: 12mm 10mm; }
@media print {
  body { font-size: 8pt; line-height: 1.35; }
  header, main, footer { padding: 0; }
  form { display: none; }
  thead th { position: static; }
  #matrix { min-width: 0; }
  th, td { padding: 2px 3px; }
  .s { width: 6%; } .r { width: 14%; } .b { width: 12%; } .f { width: 9%; } .c { width: 12%; } .d { width: 8%; }
  .p { width: 8%; } .w { width: 9%; } .t { width: 6%; } .e { width: 8%; } .v { width: 8%; }
  tr { break-inside: avoid; }
  .id, .tag { font-size: 6.5pt; }
  h1 { font-size: 14pt; margin-top: 0; }
  h2 { font-size: 11pt; break-after: avoid; }
  .totals div { min-width: 0; padding: 2px 6px; }
  tbody td { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""

SCRIPT = """
(function () {
  "use strict";
  var form = document.getElementById("filter"), count = document.getElementById("count");
  var table = document.getElementById("matrix");
  var bodies = Array.prototype.slice.call(table.tBodies);
  var total = bodies.length;
  var rows = bodies.map(function (body, order) {
    return { body: body, order: order, text: body.textContent.toLowerCase() };
  });
  function has(row, name, wanted) {
    return !wanted || (row.body.getAttribute("data-" + name) || "").split("\\n").indexOf(wanted) >= 0;
  }
  function filter() {
    var words = form.elements.text.value.toLowerCase().split(/\\s+/).filter(Boolean), shown = 0;
    rows.forEach(function (row) {
      var fits = ["state", "kind", "nature", "basis", "document", "post"].every(function (name) {
        return has(row, name, form.elements[name].value);
      }) && words.every(function (word) { return row.text.indexOf(word) >= 0; });
      row.body.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    count.textContent = "显示 " + shown + " 项，共 " + total + " 项";
  }
  function key(row, column) {
    var cell = row.body.rows[0].cells[column];
    return cell.getAttribute("data-sort") || cell.textContent.trim();
  }
  function compare(left, right) {
    var numbers = left !== "" && right !== "" && !isNaN(left) && !isNaN(right);
    return numbers ? left - right : left.localeCompare(right, "zh");
  }
  function sort(head) {
    var column = head.cellIndex, was = head.getAttribute("aria-sort");
    var way = was === "ascending" ? -1 : was === "descending" ? 0 : 1;
    Array.prototype.forEach.call(head.parentNode.cells, function (other) { other.removeAttribute("aria-sort"); });
    if (way) { head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending"); }
    var ordered = rows.slice().sort(function (left, right) {
      if (!way) { return left.order - right.order; }
      var a = key(left, column), b = key(right, column);
      if (!a !== !b) { return a ? -1 : 1; }
      return way * compare(a, b) || left.order - right.order;
    });
    ordered.forEach(function (row) { table.appendChild(row.body); });
  }
  function bar() {
    document.documentElement.style.setProperty("--bar", form.offsetHeight + "px");
  }
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("reset", function () { setTimeout(filter, 0); });
  Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head) {
    head.tabIndex = 0;
    head.addEventListener("click", function () { sort(head); });
    head.addEventListener("keydown", function (event) {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sort(head); }
    });
  });
  window.addEventListener("resize", bar);
  bar();
  filter();
}());
"""
