/* What the pages do. It reads what is in the page, writes no HTML, and keeps the notes of a reviewer in the browser. */
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

  /* Notes at changes: seen, agreed, a remark. They are kept in the browser by the key of the change, and go out and in as a file. */
  function notes(all, told) {
    var store = "toolkit-review-notes", known = {}, over = list(document.querySelectorAll("#leftover li"));
    var out = document.getElementById("export"), file = document.getElementById("file");
    var names = { key: "key", document: "document", clause: "clause", state: "state", remark: "remark", at: "at" };
    function of(element) {
      var note = {};
      Object.keys(names).forEach(function (name) { note[name] = element.getAttribute("data-" + name) || ""; });
      return note;
    }
    function read() {
      try { return JSON.parse(localStorage.getItem(store)) || {}; } catch (error) { return {}; }
    }
    function save() {
      try { localStorage.setItem(store, JSON.stringify(known)); } catch (error) {
        count.textContent = "浏览器不让存，请导出意见";
      }
    }
    function take(note) {
      var there = known[note.key];
      if (note.key && (!there || there.at <= note.at)) { known[note.key] = note; }
    }
    function field(change, name) { return change.querySelector(".note [name=" + name + "]"); }
    function show() {
      all.forEach(function (change) {
        var note = known[change.getAttribute("data-key")] || {}, noted = change.querySelector(".noted");
        field(change, "seen").checked = note.state === "seen" || note.state === "agreed";
        field(change, "agreed").checked = note.state === "agreed";
        field(change, "remark").value = note.remark || "";
        change.classList.toggle("seen", isSeen(change));
        change.querySelector(".note").hidden = false;
        if (noted) { noted.hidden = true; }
      });
    }
    function isSeen(change) { return field(change, "seen").checked; }
    all.forEach(function (change) {
      change.querySelector(".note").addEventListener("input", function (event) {
        var seen = field(change, "seen"), agreed = field(change, "agreed"), note = of(change);
        if (event.target === agreed && agreed.checked) { seen.checked = true; }
        if (event.target === seen && !seen.checked) { agreed.checked = false; }
        note.state = agreed.checked ? "agreed" : seen.checked ? "seen" : "";
        note.remark = field(change, "remark").value.trim();
        note.at = new Date().toISOString();
        known[note.key] = note;
        change.classList.toggle("seen", seen.checked);
        save();
        told();
      });
    });
    out.addEventListener("click", function () {
      var keys = {}, link = document.createElement("a");
      all.concat(over).forEach(function (element) { keys[element.getAttribute("data-key")] = of(element); });
      var kept = Object.keys(keys).map(function (key) { return known[key] || keys[key]; });
      var text = JSON.stringify({
        format: out.getAttribute("data-format"), version: Number(out.getAttribute("data-version")),
        notes: kept.filter(function (note) { return note.state || note.remark; })
      }, null, 1);
      link.href = URL.createObjectURL(new Blob([text + "\n"], { type: "application/json" }));
      link.download = out.getAttribute("data-name");
      link.click();
      setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
    });
    document.getElementById("import").addEventListener("click", function () { file.click(); });
    file.addEventListener("change", function () {
      var reader = new FileReader();
      reader.onload = function () {
        try {
          var data = JSON.parse(reader.result);
          if (data.format !== out.getAttribute("data-format")) { throw new Error("another format"); }
          data.notes.forEach(take);
          save();
          show();
          told();
        } catch (error) { count.textContent = "不是审核意见的文件"; }
      };
      if (file.files.length) { reader.readAsText(file.files[0]); }
      file.value = "";
    });
    known = read();
    all.concat(over).map(of).filter(function (note) { return note.state || note.remark; }).forEach(take);
    show();
    return { isSeen: isSeen, seen: function () { return all.filter(isSeen).length; } };
  }

  /* Jump through the changes of a review, hide some, show them side by side or inline. */
  function review(form) {
    var all = list(document.querySelectorAll("section.change")), links = {}, here = -1;
    list(document.querySelectorAll("nav a")).forEach(function (a) { links[a.getAttribute("href").slice(1)] = a; });
    var texts = all.map(function (change) {
      return (change.getAttribute("data-document") + " " + change.textContent).toLowerCase();
    });
    var kept = notes(all, function () { say(); });
    function shown() { return all.filter(function (change) { return !change.hidden; }); }
    function say() {
      var left = shown();
      count.textContent = (here >= 0 ? "第 " + (here + 1) + " 处，" : "") + "共 " + left.length + " 处" +
        (left.length < all.length ? "（全部 " + all.length + " 处）" : "") + "，已看 " + kept.seen() + " 处";
    }
    function filter() {
      var only = form.elements.substance.checked, quiet = form.elements.quiet.checked, unseen = form.elements.unseen.checked;
      var words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
      document.body.classList.toggle("beside", form.elements.view.value === "beside");
      document.body.classList.toggle("folded", form.elements.fold.checked);
      all.forEach(function (change, order) {
        change.hidden = (only && change.getAttribute("data-substance") !== "1") ||
          (quiet && change.getAttribute("data-quiet") === "1") || (unseen && kept.isSeen(change)) ||
          !words.every(function (word) { return texts[order].indexOf(word) >= 0; });
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
    form.addEventListener("input", filter);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    list(document.querySelectorAll(".fold button")).forEach(function (button) {
      button.addEventListener("click", function () { button.closest(".change").classList.add("open"); });
    });
    document.getElementById("next").addEventListener("click", function () { go(1); });
    document.getElementById("previous").addEventListener("click", function () { go(-1); });
    document.addEventListener("keydown", function (event) {
      if (event.ctrlKey || event.metaKey || event.altKey || /^(text|search)$/.test(event.target.type)) { return; }
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
