// The reader sets capacity, cost and value; the page computes what each ranking reaches, and keeps the setting in its address.
(() => {
  "use strict";
  const form = document.getElementById("sk-control"), source = document.getElementById("sk-curves");
  if (!form || !source) return;
  const data = JSON.parse(source.textContent), said = document.getElementById("sk-said");
  const body = document.getElementById("sk-rankings"), names = ["capacity", "cost", "value"];
  const field = Object.fromEntries(names.map(n => [n, form.elements.namedItem(n)]));
  const initial = Object.fromEntries(names.map(n => [n, field[n].value]));
  const least = data.weekly[0], most = data.weekly[data.weekly.length - 1];
  const whole = x => Math.round(x).toLocaleString("en-GB");
  const plain = x => x.toLocaleString("en-GB", {maximumFractionDigits: x < 100 ? 2 : 0});
  // The amounts of one column have as many decimals as the largest of them.
  const money = amounts => {
    const digits = Math.max(...amounts.filter(Number.isFinite).map(Math.abs)) < 100 ? 2 : 0;
    const shape = {minimumFractionDigits: digits, maximumFractionDigits: digits};
    return amounts.map(x => Number.isFinite(x) ? x.toLocaleString("en-GB", shape).replace("-", "\u2212") : "–");
  };
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
    const rankings = Object.keys(data.curves), reached = rankings.map(r => at(data.curves[r].reached, capacity));
    const each = money(reached.map(n => n > 0 ? taken * cost / n : NaN)), left = money(reached.map(n => n * value - taken * cost));
    rankings.forEach((ranking, i) => {
      const row = document.createElement("tr"), curve = data.curves[ranking];
      cell(row, "th", data.names[ranking]);
      cell(row, "td", `${whole(reached[i])} (${whole(at(curve.low, capacity))}–${whole(at(curve.high, capacity))})`);
      cell(row, "td", each[i]);
      cell(row, "td", left[i]);
      body.append(row);
    });
    const by = ranking => whole(reached[rankings.indexOf(ranking)]);
    const {unit, units} = data.words;
    const edge = wanted > most ? `That is more than there are; with every ${unit} ${data.words.approached}, ` :
      wanted < least ? `Fewer ${units} cannot be shown; with the fewest that can, ` : "";
    const text = `${edge}${plain(capacity)} ${capacity === 1 ? `${unit} a week is` : `${units} a week are`} ${whole(taken)} in ${data.days} days. Ranked by ` +
      `segment, about ${by("segments")} of the ${whole(data.active)} ${units} ${data.words.who} were active anyway are among them; ` +
      `at random, about ${by("random")}.`;
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
