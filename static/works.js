/* Works under way: until when, and what is fenced off, drawn where the map is near enough to tell them apart. */
"use strict";
(() => {
  const { map, config, element, sign, say, day } = geoapp;
  const NEAR = 14, SOON = 250;
  const layer = geoapp.flatLayer("works"), fences = L.geoJSON(null, { style: { className: "hoarding" }, interactive: false });
  let asking = null, timer = 0, shown = [], cells = "";

  function put({ geometry: { coordinates: [lon, lat] }, properties: w }) {
    const until = w.until ? say("works_until", { d: day(w.until) }) : say("works");
    const made = element("a", { class: `works-sign${w.late ? " is-late" : ""}`, href: w.url }, sign("works", "mark mark-works"), element("span", {}, until));
    made.addEventListener("click", (event) => {
      if (!w.number || event.metaKey || event.ctrlKey) return;
      event.preventDefault();
      geoapp.openTicket(w.number);
    });
    return [made, L.latLng(lat, lon)];
  }

  function draw(features) {
    const made = features.map(put);
    layer.change(shown, made);
    shown = made.map(([one]) => one);
    fences.clearLayers();
    for (const { properties: w } of features) if (w.outline) fences.addData(w.outline);
  }

  async function load() {
    if (map.getZoom() < NEAR) { cells = ""; draw([]); return; }
    const box = geoapp.cells().join(",");
    if (box === cells) return;
    asking?.abort();
    const mine = (asking = new AbortController());
    try {
      const found = await geoapp.getJson(`/api/works?${new URLSearchParams({ city: config.city, bbox: box, lang: geoapp.language })}`, mine.signal);
      cells = box;
      draw(found.features);
    } catch (error) {
      if (error.name !== "AbortError") draw([]);
    }
  }

  const pane = map.createPane("works");
  pane.classList.add("works-pane");
  layer.addTo(map);
  fences.addTo(map);
  map.on("moveend", () => { clearTimeout(timer); timer = setTimeout(load, SOON); });
  load();
})();
