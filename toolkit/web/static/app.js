// @ts-check
// 单位文书：页面上的一份脚本。规则都在程序里，这里只管什么时候发、发了以后怎么说。

(function () {
  "use strict";

  /** @type {any} */
  const htmx = /** @type {any} */ (window).htmx;

  /** 每次请求都带上这一页的记号。 */
  document.addEventListener("htmx:configRequest", function (event) {
    const meta = document.querySelector('meta[name="csrf"]');
    /** @type {any} */ (event).detail.headers["X-CSRF"] = meta ? meta.getAttribute("content") : "";
  });

  /**
   * 把一件没有做成的事写在页头下面：出了什么事，东西在不在，现在做什么。
   * @param {string} html
   */
  function trouble(html) {
    const bar = document.getElementById("trouble");
    if (bar) bar.innerHTML = html;
  }

  document.addEventListener("htmx:sendError", function () {
    trouble(
      '<div class="find err"><p><span class="st err">连不上程序</span><strong>可能是窗口关了，或者电脑睡眠过。</strong></p>' +
        "<p>以前存的都在文件夹里。之后填的还在这一页上，不要关这一页。</p><p>重新打开“单位文书”，再改一下这一格就会存。</p></div>"
    );
  });

  document.addEventListener("htmx:responseError", function (event) {
    const answer = /** @type {any} */ (event).detail.xhr;
    trouble(answer.responseText.indexOf("<html") < 0 ? answer.responseText : "");
  });

  document.addEventListener("htmx:afterRequest", function (event) {
    if (/** @type {any} */ (event).detail.successful) trouble("");
  });
})();
