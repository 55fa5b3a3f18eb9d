// What pages made by Quarto need beside its own scripts: a policy that runs no attribute, and keys for what scrolls.
(() => {
  "use strict";
  const deeds = {
    headroom: () => window.quartoToggleHeadroom?.(),
    search: () => window.quartoOpenSearch?.(),
    theme: event => { event.preventDefault(); window.quartoToggleColorScheme?.(); },
  };
  document.querySelectorAll("[data-sk-click]").forEach(element => {
    const deed = deeds[element.dataset.skClick];
    if (deed) element.addEventListener("click", deed);
  });

  // A formula wider than the page scrolls; then it is reached by keys too.
  const reach = () => document.querySelectorAll("main p:has(> math[display=block])").forEach(box => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; else box.removeAttribute("tabindex");
  });
  addEventListener("resize", reach);
  addEventListener("load", reach);
  document.addEventListener("toggle", reach, true);
  reach();
})();
