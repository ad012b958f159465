// Runs in <head>, before anything is painted, so that a dark page never flashes white.
(function () {
  "use strict";
  var root = document.documentElement;
  var system = window.matchMedia("(prefers-color-scheme: dark)");
  function chosen() {
    try { return window.localStorage.getItem("theme"); } catch (e) { return null; } // storage may be forbidden
  }
  function apply() { root.dataset.bsTheme = chosen() || (system.matches ? "dark" : "light"); }
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", function () {
    var button = document.getElementById("theme");
    button.hidden = false; // without scripts the button could do nothing, so it starts hidden
    button.addEventListener("click", function () {
      var next = root.dataset.bsTheme === "dark" ? "light" : "dark";
      try { window.localStorage.setItem("theme", next); } catch (e) { root.dataset.bsTheme = next; return; }
      apply();
    });
    var invalid = document.querySelector("[aria-invalid]");
    if (invalid) { invalid.focus(); }
  });
})();
