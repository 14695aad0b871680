/* What the pages do. It reads what is in the page and writes no HTML. */
(function () {
  "use strict";
  var count = document.getElementById("count");
  function list(found) { return Array.prototype.slice.call(found); }

  /* Filter and sort the groups of the matrix. */
  function matrix(form) {
    var table = document.getElementById("matrix");
    var choices = list(form.elements).filter(function (field) { return field.tagName === "SELECT"; });
    var rows = list(table.tBodies).map(function (body, order) {
      return { body: body, order: order, text: body.textContent.toLowerCase() };
    });
    function has(row, field) {
      return !field.value || (row.body.getAttribute("data-" + field.name) || "").split("\n").indexOf(field.value) >= 0;
    }
    function filter() {
      var words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
      rows.forEach(function (row) {
        var fits = choices.every(function (field) { return has(row, field); }) &&
          words.every(function (word) { return row.text.indexOf(word) >= 0; });
        row.body.hidden = !fits;
        shown += fits ? 1 : 0;
      });
      count.textContent = "显示 " + shown + " 项，共 " + rows.length + " 项";
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
      list(head.parentNode.cells).forEach(function (other) { other.removeAttribute("aria-sort"); });
      if (way) { head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending"); }
      rows.slice().sort(function (left, right) {
        if (!way) { return left.order - right.order; }
        var a = key(left, column), b = key(right, column);
        if (!a !== !b) { return a ? -1 : 1; }
        return way * compare(a, b) || left.order - right.order;
      }).forEach(function (row) { table.appendChild(row.body); });
    }
    form.addEventListener("input", filter);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("reset", function () { setTimeout(filter, 0); });
    list(table.tHead.rows[0].cells).forEach(function (head) {
      head.tabIndex = 0;
      head.addEventListener("click", function () { sort(head); });
      head.addEventListener("keydown", function (event) {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sort(head); }
      });
    });
    filter();
  }

  /* Jump through the changes of a review, hide some, show them side by side or inline. */
  function review(form) {
    var all = list(document.querySelectorAll("section.change")), links = {}, here = -1;
    list(document.querySelectorAll("nav a")).forEach(function (a) { links[a.getAttribute("href").slice(1)] = a; });
    function shown() { return all.filter(function (change) { return !change.hidden; }); }
    function say() {
      var left = shown();
      count.textContent = (here >= 0 ? "第 " + (here + 1) + " 处，" : "") + "共 " + left.length + " 处" +
        (left.length < all.length ? "（全部 " + all.length + " 处）" : "");
    }
    function filter() {
      var only = form.elements.substance.checked, quiet = form.elements.quiet.checked;
      document.body.classList.toggle("beside", form.elements.view.value === "beside");
      all.forEach(function (change) {
        change.hidden = (only && change.getAttribute("data-substance") !== "1") ||
          (quiet && change.getAttribute("data-quiet") === "1");
        if (links[change.id]) { links[change.id].hidden = change.hidden; }
      });
      here = -1;
      say();
    }
    function mark(target) {
      all.forEach(function (change) {
        change.classList.toggle("here", change === target);
        if (links[change.id]) { links[change.id].classList.toggle("here", change === target); }
      });
      say();
    }
    function go(step) {
      var left = shown();
      if (!left.length) { return; }
      here = here < 0 ? (step > 0 ? 0 : left.length - 1) : (here + step + left.length) % left.length;
      mark(left[here]);
      left[here].scrollIntoView();
    }
    form.addEventListener("change", filter);
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
    filter();
  }

  var form = document.getElementById("filter") || document.getElementById("view");
  function bar() { document.documentElement.style.setProperty("--bar", form.offsetHeight + "px"); }
  form.hidden = false;
  (form.id === "filter" ? matrix : review)(form);
  window.addEventListener("resize", bar);
  bar();
}());
