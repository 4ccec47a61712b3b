/* Roads: quiet lines on a canvas, main ones from afar, names along them when one is near. */
"use strict";
geoapp.roadLayer = (url, look) => {
  const FROM = [look.fromZoom - 3, look.fromZoom - 1, look.fromZoom + 1];
  const WIDTHS = [[1.4, 1], [1.8, 1.2], [2.6, 1.6], [4, 2.2], [6, 3.4], [9, 5], [13, 8]];
  const NAMES_FROM = 15, MOST_NAMES = 40;
  /* Over the land and under the borders; a pane of its own, for in one with the land whichever is drawn last hides the other. */
  if (!geoapp.map.getPane("roads")) {
    const pane = geoapp.map.createPane("roads");
    pane.classList.add("roads-pane");
  }
  const canvas = L.canvas({ pane: "roads", padding: 0.3 });
  const whole = L.layerGroup();
  const ranks = [[], [], []];
  const lines = [null, null, null], asked = [false, false, false];
  let shown = "", waiting = 0;

  /* Steps of a grid from one vertex to the next, latitude and longitude in the end. */
  function points(steps, grid) {
    const found = [];
    for (let i = 0, x = 0, y = 0; i < steps.length; i += 2) {
      x += steps[i]; y += steps[i + 1];
      found.push([y * grid, x * grid]);
    }
    return found;
  }

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  /* Asked once: each question makes the browser work out the page's whole style at once. */
  let colours = null;

  function width(rank, zoom) {
    const step = Math.min(Math.max(Math.floor(zoom) - look.fromZoom + 1, 0), WIDTHS.length - 1);
    return rank === 2 ? WIDTHS[step][1] * 0.8 : WIDTHS[step][rank];
  }

  function draw() {
    const zoom = geoapp.map.getZoom(), state = FROM.map((from) => (zoom >= from ? zoom : 0)).join();
    if (state !== shown) {
      shown = state;
      colours ||= [token("--road-main"), token("--road")];
      lines.forEach((line, rank) => {
        if (!line) return;
        zoom >= FROM[rank] ? whole.addLayer(line) : whole.removeLayer(line);
        line.setStyle({ weight: width(rank, zoom), color: colours[rank ? 1 : 0] });
      });
    }
    label(zoom);
  }

  /* The longest piece in view carries the name, turned along itself and never upside down. */
  function label(zoom) {
    const come = [];
    if (zoom >= NAMES_FROM) choose(zoom, come);
    geoapp.names.put(url, come);
  }

  function choose(zoom, come) {
    const map = geoapp.map, view = L.bounds([0, 0], map.getSize()), taken = [], discs = geoapp.tickets?.discs?.() || [];
    for (const [rank, list] of ranks.entries()) {
      if (zoom < FROM[rank]) continue;
      for (const { name, parts } of list) {
        if (taken.length >= MOST_NAMES) return;
        /* A register's code is no name to anybody on the street. */
        if (/[\u3000-\u9fffa-z]/.test(name)) place(map, view, name, parts, taken, discs, come);
      }
    }
  }

  /* Whether a sign lies on the name: its middle and its two quarters stand for it. */
  function covered({ middle, angle }, length, discs) {
    const along = L.point(Math.cos(angle), Math.sin(angle)).multiplyBy(length / 3);
    return discs.some(({ at, reach }) => [middle, middle.add(along), middle.subtract(along)].some((one) => one.distanceTo(at) < reach + 7));
  }

  function place(map, view, name, parts, taken, discs, come) {
    const needs = name.length * (/[\u3000-\u9fff]/.test(name) ? 13 : 7) + 12;
    let best = null;
    for (const part of parts) {
      for (let i = 1; i < part.length; i++) {
        const seen = L.LineUtil.clipSegment(map.latLngToContainerPoint(part[i - 1]), map.latLngToContainerPoint(part[i]), view, false, true);
        const length = seen ? seen[0].distanceTo(seen[1]) : 0;
        if (length <= needs || (best && length <= best.length)) continue;
        const angle = Math.atan2(seen[1].y - seen[0].y, seen[1].x - seen[0].x);
        for (const share of [0.5, 0.3, 0.7]) {
          const one = { length, angle, middle: seen[0].add(seen[1].subtract(seen[0]).multiplyBy(share)) };
          if (Math.min(share, 1 - share) * length * 2 < needs || covered(one, needs, discs)) continue;
          best = one;
          break;
        }
      }
    }
    if (!best || taken.some((one) => one.distanceTo(best.middle) < 70)) return;
    taken.push(best.middle);
    const turn = Math.abs(best.angle) > Math.PI / 2 ? best.angle + Math.PI : best.angle;
    come.push({ text: name, at: map.containerPointToLatLng(best.middle), up: 0, angle: turn, look: "road" });
  }

  async function load(rank) {
    asked[rank] = true;
    /* Without its roads the map still tells where things are: the tickets' own failure is the one to speak of. */
    const found = await geoapp.getJson(`${url}&rank=${rank}`).catch(() => null);
    if (!found) return;
    for (const [, name, parts] of found.roads) ranks[rank].push({ name, parts: parts.map((steps) => points(steps, found.grid)) });
    lines[rank] = L.polyline(ranks[rank].flatMap((road) => road.parts), { renderer: canvas, interactive: false, smoothFactor: 1.2 });
    shown = "";
    draw();
  }

  /* What does not show from afar is not fetched there. */
  const need = () => FROM.forEach((from, rank) => { if (!asked[rank] && geoapp.map.getZoom() >= from) load(rank); });

  whole.on("add", () => {
    geoapp.map.on("zoomend", need);
    /* A zoom ends, a move ends, signs come: whatever of it falls together is drawn once. */
    geoapp.map.on("moveend tickets:shown", () => { waiting ||= requestAnimationFrame(() => { waiting = 0; draw(); }); });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { shown = ""; colours = null; draw(); });
    need();
  });
  return whole;
};
