/* A site's small map: the place itself, its own tickets as signs, what else lies near by as quiet dots. */
"use strict";
(() => {
  const { config, sign, look, word, element, say } = geoapp;
  const [lon, lat] = config.at, [west, south, east, north] = config.bounds;
  const map = geoapp.openMap("site-canvas", { bounds: [[south, west], [north, east]], maxZoom: 19 });
  if (config.tiles) L.tileLayer(config.tiles.url, { maxZoom: 19, attribution: config.tiles.attribution }).addTo(map);
  for (const layer of config.ground) (layer.roads ? geoapp.roadLayer : geoapp.outlineLayer)(layer.url, layer).addTo(map);

  const shown = L.featureGroup().addTo(map);
  if (config.shape) {
    const point = (_, at) => L.circleMarker(at, { radius: 9, className: "site-shape", interactive: false });
    L.geoJSON(config.shape, { interactive: false, style: { className: `site-shape${/Polygon/.test(config.shape.type) ? " is-area" : ""}` }, pointToLayer: point }).addTo(shown);
  } else {
    L.circleMarker([lat, lon], { radius: 9, className: "site-shape", interactive: false }).addTo(shown);
  }

  const open = (number) => location.assign(`/tickets/${encodeURIComponent(number)}`);
  const label = (t) => [t.title, word(t.state, t.outcome), t.late ? say("late") : ""].filter(Boolean).join(", ");

  for (const t of config.near) {
    const dot = L.circleMarker([t.lat, t.lon], { radius: 5, className: "near-dot" }).addTo(map);
    dot.on("click", () => open(t.number));
    dot.bindTooltip(element("span", {}, label(t)));
  }

  /* Several at one point lie on each other: the newest, which is the first, lies uppermost. */
  config.tickets.forEach((t, nth) => {
    const html = element("span", {}, sign(look(t.state, t.outcome), `mark mark-${look(t.state, t.outcome)}`));
    const icon = L.divIcon({ html, className: "sign", iconSize: [40, 40] });
    const marker = L.marker([t.lat, t.lon], { icon, keyboard: nth < 10, zIndexOffset: -nth, title: label(t), alt: label(t) });
    marker.on("click", () => open(t.number)).addTo(shown);
  });

  for (const each of document.querySelectorAll(".site-facts time")) each.textContent = geoapp.day(each.dateTime) || each.textContent;
  const box = shown.getBounds().pad(0.3);
  map.fitBounds(box, { animate: false, maxZoom: 18 });
})();
