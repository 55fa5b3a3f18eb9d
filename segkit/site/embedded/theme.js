// Before the page is painted: the reader's choice of light or dark, else the system's.
(d => {
  let t;
  try { t = localStorage.getItem("theme"); } catch { /* private window */ }
  d.dataset.theme = t || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
})(document.documentElement);
