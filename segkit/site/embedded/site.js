(() => {
  "use strict";
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const page = document.documentElement, root = document.body.dataset.root;
  const store = {
    get: key => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* private window */ } },
  };

  // Theme: the reader's choice, else the system's, also when that changes.
  const button = one(".theme"), system = matchMedia("(prefers-color-scheme: dark)");
  const paint = theme => { page.dataset.theme = theme; button.setAttribute("aria-pressed", theme === "dark"); };
  paint(page.dataset.theme);
  button.hidden = false;
  button.onclick = () => { paint(page.dataset.theme === "dark" ? "light" : "dark"); store.set("theme", page.dataset.theme); };
  system.addEventListener("change", () => { if (!store.get("theme")) paint(system.matches ? "dark" : "light"); });

  // Drawer of pages in small windows
  const menu = one(".menu"), sidebar = one(".sidebar"), rest = all("main, .toc, footer.bottom");
  const drawer = (open, focus = true) => {
    if (open === document.body.classList.contains("menu-open")) return;
    document.body.classList.toggle("menu-open", open);
    menu.setAttribute("aria-expanded", open);
    rest.forEach(element => { element.inert = open; });
    if (focus) (open ? one("[aria-current]", sidebar) || one("a", sidebar) : menu)?.focus();
  };
  menu.onclick = () => drawer(menu.getAttribute("aria-expanded") !== "true");
  document.addEventListener("click", e => { if (!e.target.closest(".sidebar, .menu")) drawer(false, false); });
  sidebar.addEventListener("click", e => { if (e.target.closest("a")) drawer(false, false); });
  matchMedia("(min-width: 900px)").addEventListener("change", () => drawer(false, false));
  const current = one("[aria-current]", sidebar);
  if (current) sidebar.scrollTop = current.offsetTop - sidebar.clientHeight / 2;

  // The place in the page's contents
  const marks = new Map(all(".toc a").map(a => [decodeURIComponent(a.hash.slice(1)), a]));
  const spots = [...marks.keys()].map(id => document.getElementById(id)).filter(Boolean);
  const follow = () => {
    let at = spots[0];
    for (const spot of spots) if (spot.getBoundingClientRect().top < 120) at = spot;
    marks.forEach((a, id) => { if (at?.id === id) a.setAttribute("aria-current", "location"); else a.removeAttribute("aria-current"); });
  };
  addEventListener("scroll", follow, { passive: true });
  follow();

  // What scrolls sideways is reached by keys too.
  const reach = () => all("main :is(pre, math[display=block])").forEach(box => {
    if (box.scrollWidth > box.clientWidth) box.setAttribute("tabindex", "0"); else box.removeAttribute("tabindex");
  });
  addEventListener("resize", reach);
  addEventListener("load", reach);
  document.addEventListener("toggle", reach, true);
  reach();

  // Copy buttons
  if (navigator.clipboard) all("div.sourceCode").forEach(box => {
    const copy = document.createElement("button");
    copy.type = "button"; copy.className = "copy"; copy.textContent = "Copy";
    copy.onclick = () => navigator.clipboard.writeText(one("code", box).innerText).then(() => {
      copy.textContent = "Copied";
      setTimeout(() => { copy.textContent = "Copy"; }, 1200);
    });
    box.append(copy);
  });

  // Tabs; those of one group move together
  const pick = (tab, focus) => {
    all(":scope > [role=tab]", tab.parentElement).forEach(other => {
      other.setAttribute("aria-selected", other === tab);
      other.tabIndex = other === tab ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = other !== tab;
    });
    if (focus) tab.focus();
  };
  const pickSame = (group, name) => all(".tabset[data-group]").filter(set => set.dataset.group === group).forEach(set => {
    const tab = all(":scope > .tab-list > [role=tab]", set).find(t => t.textContent.trim() === name);
    if (tab) pick(tab);
  });
  const choose = (tab, focus) => {
    const group = tab.closest(".tabset").dataset.group;
    pick(tab, focus);
    if (group) { store.set("tab:" + group, tab.textContent.trim()); pickSame(group, tab.textContent.trim()); }
  };
  new Set(all(".tabset[data-group]").map(set => set.dataset.group)).forEach(group => {
    const saved = store.get("tab:" + group);
    if (saved) pickSame(group, saved);
  });
  document.addEventListener("click", e => { const tab = e.target.closest("[role=tab]"); if (tab) choose(tab, false); });
  document.addEventListener("keydown", e => {
    const tab = e.target.closest?.("[role=tab]");
    if (!tab) return;
    const tabs = all(":scope > [role=tab]", tab.parentElement), at = tabs.indexOf(tab);
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 }[e.key];
    if (next === undefined) return;
    e.preventDefault();
    choose(tabs[(next + tabs.length) % tabs.length], true);
  });

  // A link into a closed tab or fold opens it.
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    let opened = false;
    for (let e = target; e; e = e.parentElement) {
      if (e.matches("[role=tabpanel][hidden]")) { pick(document.getElementById(e.getAttribute("aria-labelledby"))); opened = true; }
      if (e.tagName === "DETAILS" && !e.open) { e.open = true; opened = true; }
    }
    if (opened) target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Search: the index is a script, so that it loads from file:// too.
  const search = one(".search"), box = one("input", search), list = one("#sk-hits"), status = one("[role=status]", search), find = one(".find");
  search.hidden = find.hidden = false;
  const row = open => {
    one(".top").classList.toggle("find-open", open);
    find.setAttribute("aria-expanded", open);
    if (open) box.focus();
  };
  find.onclick = () => row(find.getAttribute("aria-expanded") !== "true");
  let loading;
  const load = () => loading ||= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = root + "site_libs/search-index.js";
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  });
  const fold = text => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  // What the index holds is text and becomes text: no markup is put together from it.
  const made = (name, content, attributes = {}) => {
    const element = document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    element.append(...[content].flat());
    return element;
  };
  const quoted = word => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  // A word counts where one begins with it, and more where it is the whole: "pac" is no package, "ari" no variance.
  const LETTER = "[\\p{L}\\p{N}]", times = (text, word, end = "") => (text.match(new RegExp(`(?<!${LETTER})${quoted(word)}${end}`, "gu")) || []).length;
  const whole = (text, word) => times(text, word, `(?!${LETTER})`);
  const score = (entry, words) => {
    entry.folded ||= [entry.t, entry.s, entry.x].map(fold);
    const [title, section, text] = entry.folded;
    let sum = 0;
    for (const word of words) {
      const begun = 6 * (times(title, word) > 0) * (entry.s ? 0.5 : 1) + 10 * (times(section, word) > 0) + Math.min(5, times(text, word));
      const found = begun && begun + 20 * (whole(`${title} ${section} ${text}`, word) > 0);
      if (!found) return 0;
      sum += found;
    }
    return sum;
  };
  const marked = (text, words) => {
    const pattern = words.map(quoted).join("|");
    return text.split(new RegExp(`(${pattern})`, "gi")).map((part, i) => i % 2 ? made("mark", part) : part);
  };
  const excerpt = (entry, words) => {
    const first = Math.min(...words.map(word => entry.folded[2].indexOf(word)).filter(i => i >= 0), entry.x.length);
    const near = first === entry.x.length ? 0 : Math.max(0, first - 40);
    const from = near ? entry.x.indexOf(" ", near) + 1 : 0;
    return [from ? "…" : "", ...marked(entry.x.slice(from, from + 150), words), from + 150 < entry.x.length ? "…" : ""];
  };
  const options = () => all("[role=option]", list);
  const close = () => { list.hidden = true; box.setAttribute("aria-expanded", "false"); box.removeAttribute("aria-activedescendant"); };
  const select = option => {
    options().forEach(other => other.setAttribute("aria-selected", other === option));
    box.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  const show = async () => {
    const query = box.value;
    const words = fold(query).split(/\s+/).filter(word => word.length > 1);
    if (!words.length) { status.textContent = ""; return close(); }
    try { await load(); } catch { status.textContent = "The search index is missing."; return; }
    if (query !== box.value) return;
    const hits = siteIndex.map(entry => [score(entry, words), entry]).filter(([n]) => n).sort((a, b) => b[0] - a[0]).slice(0, 12);
    const found = hits.map(([, entry], i) => made(
      "li", [made("b", entry.t), entry.s ? ` › ${entry.s}` : "", made("small", excerpt(entry, words))],
      { role: "option", id: `sk-hit-${i}`, "aria-selected": "false", "data-href": root + entry.u }));
    list.replaceChildren(...(found.length ? found : [made("li", "Nothing found", { role: "presentation" })]));
    status.textContent = hits.length === 1 ? "1 result" : `${hits.length || "No"} results`;
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
    box.removeAttribute("aria-activedescendant");
  };
  const go = option => { if (option?.dataset.href) { close(); row(false); location.href = option.dataset.href; } };
  box.oninput = show;
  box.onfocus = () => { load().catch(() => {}); if (box.value) show(); };
  list.onclick = e => go(e.target.closest("[role=option]"));
  box.onkeydown = e => {
    const found = options(), at = found.findIndex(option => option.getAttribute("aria-selected") === "true");
    if (e.key === "Enter" && !list.hidden) { e.preventDefault(); go(found[at] || found[0]); }
    if (!found.length || list.hidden || !["ArrowDown", "ArrowUp"].includes(e.key)) return;
    e.preventDefault();
    select(found[(at + (e.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1) + found.length) % found.length]);
  };
  document.addEventListener("click", e => { if (!e.target.closest(".search, .find")) { close(); row(false); } });
  addEventListener("keydown", e => {
    if (e.key === "/" && !e.ctrlKey && !e.metaKey && !e.altKey && !e.target.closest?.("input, textarea, select, [contenteditable]")) {
      e.preventDefault();
      row(true);
    }
    if (e.key !== "Escape") return;
    drawer(false);
    if (!list.hidden) close();
    else if (find.getAttribute("aria-expanded") === "true") { const narrow = find.offsetParent; row(false); (narrow ? find : box).focus(); }
  });
})();
