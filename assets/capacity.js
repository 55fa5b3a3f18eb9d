// The reader sets capacity, cost and value; the page computes what each order reaches, and keeps the setting in its address.
(() => {
  "use strict";
  const form = document.getElementById("sk-control"), source = document.getElementById("sk-curves");
  if (!form || !source) return;
  const data = JSON.parse(source.textContent), said = document.getElementById("sk-said");
  const body = document.getElementById("sk-orders"), names = ["capacity", "cost", "value"];
  const field = Object.fromEntries(names.map(n => [n, form.elements.namedItem(n)]));
  const initial = Object.fromEntries(names.map(n => [n, field[n].value]));
  const least = data.weekly[0], most = data.weekly[data.weekly.length - 1];
  const whole = x => Math.round(x).toLocaleString("en-GB");
  const money = x => x.toLocaleString("en-GB", {maximumFractionDigits: Math.abs(x) < 100 ? 2 : 0}).replace("-", "\u2212");
  // Curves are straight between their points.
  const at = (ys, x) => {
    const i = data.weekly.findIndex(w => w >= x);
    if (i <= 0) return i === 0 ? ys[0] : ys[ys.length - 1];
    const share = (x - data.weekly[i - 1]) / (data.weekly[i] - data.weekly[i - 1]);
    return ys[i - 1] + share * (ys[i] - ys[i - 1]);
  };
  const cell = (row, kind, text) => {
    const made = document.createElement(kind);
    if (kind === "th") made.scope = "row"; else made.className = "num";
    made.textContent = text;
    row.append(made);
  };
  const read = name => field[name].value.trim() === "" ? NaN : Number(field[name].value);
  const complaint = (capacity, cost, value) => {
    if (!(capacity > 0)) return `Give the ${data.words.units} a week as a number above zero.`;
    if (!(cost >= 0) || !(value >= 0)) return "Give cost and value as numbers, zero or more.";
    return "";
  };
  const show = () => {
    const [wanted, cost, value] = names.map(read), fault = complaint(wanted, cost, value);
    body.replaceChildren();
    names.forEach(n => field[n].setAttribute("aria-invalid", String(n === "capacity" ? !(wanted > 0) : !(read(n) >= 0))));
    if (fault) { said.textContent = fault; return false; }
    const capacity = Math.min(Math.max(wanted, least), most), taken = at(data.taken, capacity);
    const reached = Object.fromEntries(Object.keys(data.curves).map(o => [o, at(data.curves[o].reached, capacity)]));
    for (const order of Object.keys(data.curves)) {
      const row = document.createElement("tr"), curve = data.curves[order];
      cell(row, "th", data.names[order]);
      cell(row, "td", `${whole(reached[order])} (${whole(at(curve.low, capacity))}–${whole(at(curve.high, capacity))})`);
      cell(row, "td", reached[order] > 0 ? money(taken * cost / reached[order]) : "–");
      cell(row, "td", money(reached[order] * value - taken * cost));
      body.append(row);
    }
    const {unit, units} = data.words;
    const edge = wanted > most ? `That is more than there are; with every ${unit} ${data.words.approached}, ` :
      wanted < least ? `Fewer ${units} cannot be shown; with the fewest that can, ` : "";
    const text = `${edge}${money(capacity)} ${capacity === 1 ? `${unit} a week is` : `${units} a week are`} ${whole(taken)} in ${data.days} days. In the order of the ` +
      `segments, about ${whole(reached.segments)} of the ${whole(data.active)} ${units} ${data.words.who} were active anyway are among them; ` +
      `in random order, about ${whole(reached.random)}.`;
    said.textContent = text;
    return true;
  };
  const keep = () => {
    const query = new URLSearchParams(location.search);
    names.forEach(n => query.set(n, field[n].value.trim()));
    try { history.replaceState(history.state, "", `?${query}${location.hash}`); } catch { /* a browser may refuse too many changes */ }
  };
  const restore = () => {
    const query = new URLSearchParams(location.search);
    names.forEach(n => {
      const given = query.get(n);
      field[n].value = given !== null && given.trim() !== "" && Number.isFinite(Number(given)) ? given.trim() : initial[n];
    });
    show();
  };
  form.addEventListener("input", () => { if (show()) keep(); });
  form.addEventListener("submit", event => event.preventDefault());
  addEventListener("popstate", restore);
  form.hidden = false;
  restore();
})();
