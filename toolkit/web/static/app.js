// @ts-check
// 单位文书：页面上的一份脚本。规则都在程序里，这里只管什么时候发、发了以后怎么说。

(function () {
  "use strict";

  /** @type {any} */
  const htmx = /** @type {any} */ (window).htmx;
  /** 停多久算一次停顿，毫秒。 */
  const PAUSE = 400;
  /** 写了还没有发出去的格子。 @type {Map<HTMLFormElement, number>} */
  const waiting = new Map();
  /** 每一格上一次发出去的样子，没有变就不再发。 @type {WeakMap<HTMLFormElement, string>} */
  const sent = new WeakMap();
  /** 没有存上的格子。 @type {Set<HTMLFormElement>} */
  const unsaved = new Set();
  /** 正在用输入法拼一个词。 */
  let composing = false;

  /**
   * @param {Event} event
   * @returns {HTMLFormElement | null}
   */
  function cardOf(event) {
    const target = event.target;
    return target instanceof Element ? /** @type {HTMLFormElement | null} */ (target.closest("form.q, form.paper")) : null;
  }

  /**
   * 一格现在的样子，不算记号。
   * @param {HTMLFormElement} form
   */
  function written(form) {
    const parts = [];
    new FormData(form).forEach(function (value, name) {
      if (name !== "csrf" && name !== "seen" && name !== "group") parts.push(name + "=" + value);
    });
    return parts.join("\n");
  }

  /** @param {HTMLFormElement} form */
  function send(form) {
    window.clearTimeout(waiting.get(form));
    waiting.delete(form);
    const now = written(form);
    if (composing || sent.get(form) === now) return;
    sent.set(form, now);
    say("正在保存");
    htmx.trigger(form, "answer");
  }

  /**
   * @param {HTMLFormElement} form
   * @param {number} pause
   */
  function later(form, pause) {
    window.clearTimeout(waiting.get(form));
    waiting.set(form, window.setTimeout(function () { send(form); }, pause));
    if (gone) say("没有保存");
  }

  /** @param {string} words */
  function say(words) {
    const state = document.getElementById("saved");
    if (state) state.textContent = words;
  }

  document.addEventListener("compositionstart", function () { composing = true; });
  document.addEventListener("compositionend", function (event) {
    composing = false;
    const form = cardOf(event);
    if (form) later(form, PAUSE);
  });
  document.addEventListener("focusin", function (event) {
    const form = cardOf(event);
    if (form && !sent.has(form)) sent.set(form, written(form));
  });
  document.addEventListener("input", function (event) {
    const form = cardOf(event);
    if (form && !composing) later(form, PAUSE);
  });
  document.addEventListener("change", function (event) {
    const form = cardOf(event);
    if (form) later(form, 0);
    const select = event.target;
    if (select instanceof HTMLInputElement && select.type === "radio") {
      document.querySelectorAll('label.kind input[name="' + select.name + '"]').forEach(function (one) {
        if (one instanceof HTMLInputElement && one.parentElement) one.parentElement.classList.toggle("sel", one.checked);
      });
    }
    if (select instanceof HTMLSelectElement && select.classList.contains("go") && select.form) select.form.submit();
  });
  // 拼词时按回车是选词；平时按回车只是存这一格。
  document.addEventListener("keydown", function (event) {
    const form = cardOf(event);
    if (!form || event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    if (!event.isComposing && !composing) later(form, 0);
  });
  // 离开这一页以前，把停顿里的发出去。
  window.addEventListener("pagehide", function () {
    document.querySelectorAll("form.q, form.paper").forEach(function (form) {
      if (form instanceof HTMLFormElement && waiting.has(form)) navigator.sendBeacon(form.action, new FormData(form));
    });
  });

  /** 每次请求都带上这一页的记号。 */
  document.addEventListener("htmx:configRequest", function (event) {
    const meta = document.querySelector('meta[name="csrf"]');
    /** @type {any} */ (event).detail.headers["X-CSRF"] = meta ? meta.getAttribute("content") : "";
  });
  // 别处跟着变的一格，正有人在里面写，就不换。
  document.addEventListener("htmx:oobBeforeSwap", function (event) {
    const detail = /** @type {any} */ (event).detail;
    if (detail.target.matches("form.q") && detail.target.contains(document.activeElement)) detail.shouldSwap = false;
  });
  /**
   * 一格有没有要改的，看它下面的话。
   * @param {Element} form
   */
  function mark(form) {
    const wrong = form.querySelector(".find.err") !== null;
    form.classList.toggle("has", wrong);
    form.querySelectorAll("input:not([type=hidden]), select, textarea").forEach(function (one) {
      one.classList.toggle("bad", wrong);
      if (wrong) one.setAttribute("aria-invalid", "true");
      else one.removeAttribute("aria-invalid");
    });
  }
  // 一次回答以后：各格的样子跟着话走；“这次改动”只留最后一格的。
  document.addEventListener("htmx:afterRequest", function (event) {
    const detail = /** @type {any} */ (event).detail;
    const id = detail.requestConfig && (detail.requestConfig.elt.closest("form.q") || {}).id;
    if (!id || !detail.successful || detail.requestConfig.verb !== "post") return;
    window.setTimeout(function () {
      document.querySelectorAll("form.q").forEach(function (form) {
        mark(form);
        const old = form.querySelector(".touch");
        if (old && form.id !== id) old.remove();
      });
      htmx.trigger(document.body, "answered");
    }, 0);
  });

  /**
   * 把一件没有做成的事写在页头下面：出了什么事，东西在不在，现在做什么。
   * @param {string} html
   */
  function trouble(html) {
    const bar = document.getElementById("trouble");
    if (bar) bar.innerHTML = html;
    if (html) say("没有保存");
  }

  /** @param {Event} event */
  function again(event) {
    const sender = /** @type {any} */ (event).detail.elt;
    const form = sender instanceof Element ? sender.closest("form") : null;
    if (!form || !form.matches("form.q, form.paper")) return;
    sent.delete(form);
    unsaved.add(form);
  }
  document.addEventListener("htmx:sendError", function (event) {
    again(event);
    lost("程序已经结束");
  });
  document.addEventListener("htmx:responseError", function (event) {
    again(event);
    const answer = /** @type {any} */ (event).detail.xhr;
    trouble(answer.responseText.indexOf("<html") < 0 ? answer.responseText : "");
    if (answer.status === 401 || answer.status === 403) ask();
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    const detail = /** @type {any} */ (event).detail;
    if (!detail.successful) return;
    trouble("");
    if (detail.xhr.status === 409) say("没有保存"); // 两个窗口改了同一格：选定以前没有存
    if (detail.elt instanceof HTMLFormElement) unsaved.delete(detail.elt);
  });

  // 程序关了没有，隔几秒问一声。关了：说清楚，填的留在这里，能复制；同一个地址又开了：自己接上，没有存的接着存。
  const run = document.querySelector('meta[name="run"]');
  const ASK = 4000;
  /** 为什么连不上，空的是连着。 */
  let gone = "";

  function ask() {
    if (!run) return;
    fetch("/alive", { cache: "no-store" })
      .then(function (answer) { return answer.ok ? answer.text() : ""; })
      .then(function (now) {
        if (!now) lost("程序已经结束");
        else if (now !== run.getAttribute("content")) join(now);
        else if (gone) back();
      })
      .catch(function () { lost("程序已经结束"); });
  }

  /** @param {string} why */
  function lost(why) {
    if (!run) return;
    const state = unsaved.size || waiting.size ? "没有保存" : "没有连上程序";
    if (gone === why) return say(state);
    gone = why;
    const way = why === "程序已经结束"
      ? "重新打开“单位文书”，这一页多半会自己接上，把没有存的存好。"
      : "请用程序新打开的窗口，或者它给出的地址；打开以后，这一页会自己接上。";
    trouble(
      '<div class="find err"><p><span class="st err">' + why + "</span><strong>以前存的都在文件夹里；之后填的还在这一页上，没有存。不要关这一页。</strong></p>" +
        "<p>" + way + "接不上的，复制下来，贴到新打开的那一页。</p>" +
        '<div class="row"><button type="button" class="slim" data-copy>复制没有存的</button><span class="small" aria-live="polite"></span></div></div>'
    );
    say(state);
  }

  function back() {
    gone = "";
    trouble("");
    say(unsaved.size ? "正在保存" : "又接上了");
    unsaved.forEach(function (form) { sent.delete(form); send(form); });
  }

  /**
   * 程序重新开过：新的记号从同一页取来；还没有进门的，等新打开的窗口进门。
   * @param {string} now
   */
  function join(now) {
    fetch(location.href, { credentials: "same-origin", cache: "no-store" })
      .then(function (answer) { return answer.ok ? answer.text() : ""; })
      .then(function (html) {
        const fresh = new DOMParser().parseFromString(html, "text/html").querySelector('meta[name="csrf"]');
        const token = (fresh && fresh.getAttribute("content")) || "";
        const meta = document.querySelector('meta[name="csrf"]');
        if (!token || !meta || !run) return lost("程序重新打开过");
        meta.setAttribute("content", token);
        document.querySelectorAll('input[name="csrf"]').forEach(function (field) { /** @type {HTMLInputElement} */ (field).value = token; });
        run.setAttribute("content", now);
        back();
      })
      .catch(function () { lost("程序已经结束"); });
  }

  /** 这一页上没有存的，一格一行。 */
  function typed() {
    /** @type {string[]} */
    const lines = [];
    document.querySelectorAll("main form").forEach(function (form) {
      if (!(form instanceof HTMLFormElement)) return;
      const watched = form.matches("form.q, form.paper");
      if (watched && !unsaved.has(form) && !waiting.has(form)) return;
      const asked = form.querySelector(".lab, label");
      form.querySelectorAll("input:not([type=hidden]):not([type=file]), textarea, select").forEach(function (one) {
        const field = /** @type {HTMLInputElement} */ (one);
        if (!field.value.trim() || (field.type === "radio" && !field.checked)) return;
        if (!watched && (field.defaultValue === undefined || field.value === field.defaultValue)) return;
        const name = field.getAttribute("aria-label") || (asked && asked.textContent) || "";
        lines.push(name.trim() + "：" + field.value);
      });
    });
    return lines.join("\n");
  }

  /** @param {string} text */
  function copy(text) {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.appendChild(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }

  document.addEventListener("click", function (event) {
    if (!(event.target instanceof Element)) return;
    const button = event.target.closest("button[data-copy]");
    if (button) {
      const text = typed();
      const said = button.nextElementSibling;
      if (said) said.textContent = !text ? "没有要复制的，都存过了。" : copy(text) ? "复制好了，可以贴到别处。" : "没有复制成，请选中再按 Ctrl+C。";
    } else if (gone && event.target.closest('a[href^="/"]')) {
      event.preventDefault();
      window.scrollTo(0, 0);
    }
  });
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (!gone || !(form instanceof HTMLFormElement) || form.matches("form.q, form.paper")) return;
    event.preventDefault();
    window.scrollTo(0, 0);
  }, true);
  // 点了按钮才存的（改这一条、改名单里的错、按文本编辑、意见、冲突怎么定）：改过没有存，离开以前问一声。
  /** 正在交的一张，不用问。 @type {EventTarget | null} */
  let handing = null;
  document.addEventListener("submit", function (event) { handing = event.defaultPrevented ? null : event.target; });
  document.addEventListener("click", function (event) {
    const link = event.target instanceof Element ? event.target.closest("a[data-drop]") : null;
    if (link) handing = link.closest("form");
  });
  window.addEventListener("pageshow", function () { handing = null; });
  /** @param {Element} one */
  function changed(one) {
    if (one instanceof HTMLSelectElement) {
      const first = Array.prototype.findIndex.call(one.options, function (option) { return option.defaultSelected; });
      return one.selectedIndex !== Math.max(0, first);
    }
    const field = /** @type {HTMLInputElement} */ (one);
    return field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
  }
  /** 有没有改了还没有存的；上一次没有存上的也算。 */
  function held() {
    return Array.prototype.some.call(document.querySelectorAll("form[data-held]"), function (form) {
      if (form === handing) return false;
      return form.getAttribute("data-held") === "typed" || Array.prototype.some.call(form.querySelectorAll("input:not([type=hidden]), select, textarea"), changed);
    });
  }
  window.addEventListener("beforeunload", function (event) {
    if (!(gone && typed()) && !held()) return;
    event.preventDefault();
    event.returnValue = "";
  });
  if (run) {
    window.setInterval(function () { if (!document.hidden) ask(); }, ASK);
    document.addEventListener("visibilitychange", function () { if (!document.hidden) ask(); });
  }

  // 文本里跳到一行。
  document.addEventListener("click", function (event) {
    const link = event.target instanceof Element ? event.target.closest("a.to-line") : null;
    const area = document.getElementById("tx");
    if (!link || !(area instanceof HTMLTextAreaElement)) return;
    event.preventDefault();
    const lines = area.value.split("\n");
    const number = Math.min(Number(link.getAttribute("data-line")), lines.length);
    const start = lines.slice(0, number - 1).join("\n").length + (number > 1 ? 1 : 0);
    area.focus();
    area.setSelectionRange(start, start + lines[number - 1].length);
    area.scrollTop = Math.max(0, (area.scrollHeight / lines.length) * (number - 6));
  });

  // 会议的表：改成名单上的数；加减票数；请假、缺席才问事由；哪一栏要改，框上也看得出。
  document.addEventListener("click", function (event) {
    const button = event.target instanceof Element ? event.target.closest("button[data-step], button[data-fill]") : null;
    const field = button && document.getElementById(button.getAttribute("data-for") || button.getAttribute("data-fill") || "");
    if (!button || !(field instanceof HTMLInputElement)) return;
    if (button.hasAttribute("data-fill")) {
      field.value = button.getAttribute("data-value") || "";
      field.focus();
      field.dispatchEvent(new Event("input", { bubbles: true }));
      return;
    }
    const now = parseInt(field.value, 10) || 0;
    field.value = String(Math.max(0, now + (field.value === "" && button.getAttribute("data-step") === "-1" ? 0 : Number(button.getAttribute("data-step")))));
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  /**
   * 太大的文件不交：说有多大、最多多大。
   * @param {HTMLInputElement} field
   */
  function fits(field) {
    const meta = document.querySelector('meta[name="upload-most"]');
    const most = Number(meta ? meta.getAttribute("content") : 0);
    const size = Array.prototype.reduce.call(field.files || [], function (sum, file) { return sum + file.size; }, 0);
    if (!most || size < most - 10000) return true;
    field.value = "";
    trouble(
      '<div class="find err"><p><span class="st err">没有交</span><strong>一共 ' + (size / 1e6).toFixed(1) + " MB，一次最多 " + most / 1e6 + " MB。</strong></p>" +
        "<p>文件都没有动。分几次交，或者把里面的图片缩小。</p></div>"
    );
    window.scrollTo(0, 0);
    return false;
  }
  document.addEventListener("change", function (event) {
    const picked = event.target;
    if (picked instanceof HTMLInputElement && picked.type === "file" && !fits(picked)) return;
    const why = picked instanceof HTMLInputElement && picked.type === "radio" && picked.closest(".tile") ? picked.closest(".tile").querySelector(".why") : null;
    if (why) why.classList.toggle("hide", picked.value !== "请假" && picked.value !== "缺席");
    const files = picked instanceof HTMLInputElement && picked.type === "file" && picked.form && picked.form.classList.contains("drop") ? picked : null;
    if (files && files.files && files.files.length) hand(files.form);
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    const sender = /** @type {any} */ (event).detail.elt;
    const form = sender instanceof Element ? sender.closest("form.paper") : null;
    if (form) form.querySelectorAll(".slot").forEach(function (slot) {
      const wrong = slot.querySelector(".find.err") !== null;
      form.querySelectorAll('[aria-describedby="' + slot.id + '"]').forEach(function (field) {
        field.classList.toggle("bad", wrong);
        if (wrong) field.setAttribute("aria-invalid", "true");
        else field.removeAttribute("aria-invalid");
      });
    });
  });

  /**
   * 把选好的、拖来的文件交上去。
   * @param {HTMLFormElement | null} form
   */
  function hand(form) {
    const said = form && form.querySelector("[aria-live]");
    if (said) said.textContent = "正在读……";
    if (form) form.submit();
  }
  document.addEventListener("dragover", function (event) {
    if (event.target instanceof Element && event.target.closest("form.drop")) event.preventDefault();
  });
  document.addEventListener("drop", function (event) {
    const form = event.target instanceof Element ? /** @type {HTMLFormElement | null} */ (event.target.closest("form.drop")) : null;
    const field = form && form.querySelector('input[type="file"]');
    if (!form || !(field instanceof HTMLInputElement) || !event.dataTransfer) return;
    event.preventDefault();
    field.files = event.dataTransfer.files;
    if (field.files.length && fits(field)) hand(form);
  });
})();

// 文件：点页面上的一条，右边换成它的来历；页面窗口停在选中或者改过的地方。
(function () {
  "use strict";

  /** @type {any} */
  const htmx = /** @type {any} */ (window).htmx;

  /** 把选中的、没有选中就把改过的一条，滚到页面窗口里看得见的地方。 */
  function show() {
    const sheet = document.querySelector(".sheet");
    const mark = document.querySelector("#window rect.hit.chg, rect.hit.sel") || document.querySelector("rect.hit.chg");
    if (sheet && mark && sheet.scrollHeight > sheet.clientHeight) {
      sheet.scrollTop += mark.getBoundingClientRect().top - sheet.getBoundingClientRect().top - 60;
    }
  }

  document.addEventListener("click", function (event) {
    const link = /** @type {Element} */ (event.target).closest(".ov a[data-at]");
    const address = link && link.getAttribute("href");
    if (!link || !address || !document.getElementById("prov") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    document.querySelectorAll(".ov a[data-at]").forEach(function (other) {
      const is = other === link;
      const rect = other.querySelector("rect");
      if (rect) rect.classList.toggle("sel", is);
      if (is) other.setAttribute("aria-current", "true");
      else other.removeAttribute("aria-current");
    });
    htmx.ajax("GET", address, { target: "#prov", swap: "outerHTML" }).then(function () {
      history.replaceState(null, "", address);
      const title = document.querySelector("#prov h2");
      if (title) /** @type {HTMLElement} */ (title).focus();
    });
  });

  document.addEventListener("change", function (event) {
    const list = /** @type {HTMLSelectElement} */ (event.target);
    if (list.hasAttribute("data-go")) location.assign(list.value);
  });

  document.addEventListener("htmx:afterSettle", function (event) {
    if (/** @type {any} */ (event).detail.target.id === "view" || /** @type {any} */ (event).detail.target.id === "window") show();
  });
  window.addEventListener("load", show);
})();

// 改这一条：停下来 400 毫秒才查，拼词的时候不查；按钮把〔〕里的字写进光标处。
(function () {
  "use strict";

  const PAUSE = 400;
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form#clause"));
  const area = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("ed"));
  if (!form || !area) return;
  let composing = false;
  let timer = 0;
  let asked = 0;
  let shown = 0;

  function grow() {
    if (!area) return;
    area.rows = Math.min(7, Math.max(5, Math.ceil((area.scrollHeight - 24) / 32)));
  }

  /** 查现在的字；回来得晚的、前一次的，不用。 */
  function check() {
    if (!form || composing) return;
    const number = ++asked;
    const meta = document.querySelector('meta[name="csrf"]');
    const state = document.getElementById("saved");
    fetch(form.getAttribute("data-check") || "", {
      method: "POST",
      body: new FormData(form),
      headers: { "X-CSRF": (meta && meta.getAttribute("content")) || "", "HX-Request": "true" },
    })
      .then(function (answer) { return answer.text(); })
      .then(function (html) {
        const found = document.getElementById("found");
        if (number < shown || !found) return;
        shown = number;
        found.innerHTML = html;
        if (state) state.textContent = "还没有保存";
      })
      .catch(function () {
        if (state) state.textContent = "连不上程序，写的还在这一页上";
      });
  }

  function later() {
    window.clearTimeout(timer);
    timer = window.setTimeout(check, PAUSE);
  }

  form.addEventListener("compositionstart", function () { composing = true; });
  form.addEventListener("compositionend", function () { composing = false; later(); });
  form.addEventListener("input", function () { grow(); if (!composing) later(); });
  form.addEventListener("click", function (event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    const word = button.getAttribute("data-insert");
    const text = button.getAttribute("data-text");
    if (word !== null) area.setRangeText(word, area.selectionStart, area.selectionEnd, "end");
    if (text !== null) area.value = text;
    if (word !== null || text !== null) { area.focus(); grow(); check(); }
  });
  grow();
})();
