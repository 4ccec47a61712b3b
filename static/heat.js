/* Heat: how thick tickets lie, from the same counts as the rings: tickets per square kilometre at every zoom. */
"use strict";
(() => {
  const { say, element, map } = geoapp;
  const STEPS = 6, COARSE = 4, REACH = 64;
  const canvas = document.createElement("canvas"), scale = document.getElementById("heat-scale");
  let overlay = null, thick = null, wide = 0, tall = 0, corner = null, top = 0;

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /* A kernel that sums to one: whatever the zoom, all tickets together weigh what they are. */
  const kernel = (() => {
    const r = Math.ceil(REACH / COARSE), sigma = r / 3, weights = [];
    let sum = 0;
    for (let y = -r; y <= r; y++) for (let x = -r; x <= r; x++) {
      const w = x * x + y * y <= r * r ? Math.exp(-(x * x + y * y) / (2 * sigma * sigma)) : 0;
      weights.push(w);
      sum += w;
    }
    return { r, weights: weights.map((w) => w / sum) };
  })();

  const kilometres = (lat, zoom) => (40075.017 * Math.cos((lat * Math.PI) / 180)) / (256 * 2 ** zoom);

  function pile(features, zoom, origin, width, height) {
    const grid = new Float32Array(width * height), { r, weights } = kernel;
    for (const { geometry: { coordinates: [lon, lat] }, properties: { count } } of features) {
      const at = map.project([lat, lon], zoom).subtract(origin).divideBy(COARSE), cx = Math.round(at.x), cy = Math.round(at.y);
      const perCell = count / (kilometres(lat, zoom) * COARSE) ** 2;
      for (let y = -r; y <= r; y++) {
        if (cy + y < 0 || cy + y >= height) continue;
        for (let x = -r; x <= r; x++) {
          if (cx + x >= 0 && cx + x < width) grid[(cy + y) * width + cx + x] += perCell * weights[(y + r) * (2 * r + 1) + x + r];
        }
      }
    }
    return grid;
  }

  /* The scale ends where the view's thickest place is; a little more or less leaves it as it is, and its numbers say it. */
  function settle() {
    const most = thick.reduce((a, b) => Math.max(a, b), 1), level = Math.max(STEPS - 1, Math.floor(2 * Math.log10(most)));
    if (level <= top && level >= top - 1) return;
    top = level;
    tellScale();
  }

  const edge = (step) => { const half = top - (STEPS - 1 - step); return 10 ** Math.floor(half / 2) * (half % 2 ? 3 : 1); };

  function tellScale() {
    scale.replaceChildren(...Array.from({ length: STEPS }, (_, i) => element("li", {}, element("span", { class: `heat-swatch heat-${i}` }),
      i === STEPS - 1 ? `${geoapp.number(edge(i))} +` : `${geoapp.number(edge(i))} – ${geoapp.number(edge(i + 1))}`)));
  }

  function rgba(css) {
    const one = document.createElement("canvas").getContext("2d");
    one.fillStyle = css;
    one.fillRect(0, 0, 1, 1);
    return one.getImageData(0, 0, 1, 1).data;
  }

  function paint() {
    const context = canvas.getContext("2d"), picture = context.createImageData(wide, tall);
    const colours = Array.from({ length: STEPS }, (_, i) => rgba(token(`--heat-${i}`)));
    const from = top - (STEPS - 1);
    thick.forEach((density, i) => {
      if (density <= 0) return;
      const level = 2 * Math.log10(density) - from;
      if (level < -1) return;
      const low = Math.max(0, Math.min(STEPS - 1, Math.floor(level))), high = Math.min(STEPS - 1, low + 1), part = Math.max(0, Math.min(1, level - low));
      for (let c = 0; c < 3; c++) picture.data[4 * i + c] = colours[low][c] * (1 - part) + colours[high][c] * part;
      picture.data[4 * i + 3] = 215 * Math.min(1, (level + 1) / 1.6);
    });
    context.putImageData(picture, 0, 0);
  }

  /* The layer follows the map's own zooming as a picture does, and is drawn anew when the answer has come. */
  function show(answer) {
    if (!answer) {
      overlay?.remove();
      overlay = null;
      return;
    }
    const zoom = map.getZoom(), [west, south, east, north] = answer.bbox;
    const box = L.latLngBounds([south, west], [north, east]);
    corner = map.project(box.getNorthWest(), zoom);
    const size = map.project(box.getSouthEast(), zoom).subtract(corner).divideBy(COARSE);
    wide = canvas.width = Math.max(1, Math.round(size.x));
    tall = canvas.height = Math.max(1, Math.round(size.y));
    thick = pile(answer.features, zoom, corner, wide, tall);
    thick.zoom = zoom;
    settle();
    paint();
    if (overlay) overlay.setBounds(box);
    else overlay = new L.SVGOverlay(canvas, box, { pane: "heat", interactive: false, className: "heat-canvas" }).addTo(map);
  }

  /* A tap on the heat is answered with the number behind the colour. */
  function told(at) {
    const spot = thick && map.project(at, thick.zoom).subtract(corner).divideBy(COARSE).round();
    const density = spot && spot.x >= 0 && spot.x < wide && spot.y >= 0 && spot.y < tall ? thick[spot.y * wide + spot.x] : 0;
    return density < 0.5 ? say("density_none") : say("density", { n: geoapp.number(Number(density.toPrecision(2))) });
  }

  const pane = map.createPane("heat");
  pane.classList.add("heat-pane");
  canvas.setAttribute("aria-hidden", "true");
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => overlay && paint());
  geoapp.heat = { show, told };
})();
