// A map in three dimensions: its viewer is loaded from this site when the reader asks for it, and not before.
(() => {
  "use strict";
  const box = document.getElementById("sk-turn"), source = document.getElementById("sk-points");
  if (!box || !source) return;
  const data = JSON.parse(source.textContent), button = box.querySelector(".sk-load"), said = box.querySelector("[role=status]");
  const space = box.querySelector(".sk-space"), steps = box.querySelector(".sk-steps");
  const tone = name => getComputedStyle(document.body).getPropertyValue(name).trim();
  const paint = colour => colour.startsWith("--") ? tone(colour) : colour;
  const axis = () => ({title: {text: ""}, showticklabels: false, showspikes: false, zeroline: false, gridcolor: tone("--line"),
    linecolor: tone("--line"), showbackground: false});
  const look = () => ({paper_bgcolor: "rgba(0,0,0,0)", font: {color: tone("--ink"), family: getComputedStyle(document.body).fontFamily},
    margin: {l: 0, r: 0, t: 0, b: 0}, hovermode: false, showlegend: data.traces.length > 1,
    legend: {orientation: "h", y: 0, itemsizing: "constant"}});
  const scene = () => ({dragmode: "orbit", xaxis: axis(), yaxis: axis(), zaxis: axis()});
  const eye = {x: 1.4, y: 1.4, z: 0.9};
  const turn = degrees => {
    const now = space._fullLayout.scene.camera.eye, angle = degrees * Math.PI / 180;
    const x = now.x * Math.cos(angle) - now.y * Math.sin(angle), y = now.x * Math.sin(angle) + now.y * Math.cos(angle);
    return window.Plotly.relayout(space, {"scene.camera.eye": {x, y, z: now.z}});
  };
  const draw = () => {
    space.hidden = steps.hidden = false;
    const traces = data.traces.map(t => ({type: "scatter3d", mode: "markers", name: t.name, x: t.x, y: t.y, z: t.z, hoverinfo: "none",
      marker: {size: 3.5, opacity: 0.8, color: paint(t.colour), symbol: t.symbol, line: {width: 0}}}));
    return window.Plotly.newPlot(space, traces, {...look(), scene: {...scene(), camera: {eye}}},
      {displaylogo: false, displayModeBar: false, responsive: true});
  };
  const repaint = () => window.Plotly && space.data && window.Plotly.update(space, {"marker.color": data.traces.map(t => paint(t.colour))},
    {"font.color": tone("--ink"),
      ...Object.fromEntries(["x", "y", "z"].flatMap(a => ["gridcolor", "linecolor"].map(c => [`scene.${a}axis.${c}`, tone("--line")])))});
  const failed = () => { said.textContent = data.words.failed; button.disabled = false; };
  button.addEventListener("click", () => {
    button.disabled = true;
    said.textContent = data.words.loading;
    const script = document.createElement("script");
    script.src = box.dataset.viewer;
    script.addEventListener("error", failed);
    script.addEventListener("load", () => draw().then(() => { button.hidden = true; said.textContent = data.words.there; }, failed));
    document.head.append(script);
  });
  for (const one of steps.querySelectorAll("button")) one.addEventListener("click", () => turn(Number(one.dataset.turn)));
  const watch = new MutationObserver(repaint);
  for (const at of [document.documentElement, document.body]) watch.observe(at, {attributes: true, attributeFilter: ["class", "data-theme"]});
  document.getElementById("sk-flat-only").hidden = true;
  box.hidden = false;
})();
