/* The form, and what is left of it beside a receipt, eased: a map whose middle is the place, the device's own place, the photo shown before it is sent. */
"use strict";
(() => {
  const { say, config } = geoapp;
  const lon = document.getElementById("lon"), lat = document.getElementById("lat");
  const frame = document.getElementById("pin-map"), note = document.getElementById("pin-note");

  const EXACT = 15;

  function openPinMap() {
    if (!config.bounds) return null;
    const [west, south, east, north] = config.bounds;
    frame.hidden = document.getElementById("pin-tools").hidden = false;
    document.getElementById("lonlat").classList.add("unseen");
    const map = geoapp.openMap("pin-canvas", { bounds: [[south, west], [north, east]], maxZoom: 19 });
    /* Bounds that push the view back would push the place out from under the pin. */
    map.setMaxBounds(null);
    if (config.tiles) L.tileLayer(config.tiles.url, { maxZoom: 19, attribution: config.tiles.attribution }).addTo(map);
    for (const layer of config.ground) (layer.roads ? geoapp.roadLayer : geoapp.outlineLayer)(layer.url, layer).addTo(map);
    const cross = geoapp.pin({ class: "pin-cross" });
    frame.append(cross);
    begin(map);
    return map;
  }

  /* The middle of a map that showed half the city is where to begin looking, not where something is broken. */
  function begin(map) {
    const at = [Number(lat.value), Number(lon.value)];
    if (!lon.value || !lat.value || !at.every(Number.isFinite)) return frame.classList.add("is-unset");
    const zoom = Number(new URLSearchParams(location.search).get("z")) || 16;
    map.setView(at, Math.max(zoom, 11), { animate: false });
    if (zoom >= EXACT) return undefined;
    lon.value = lat.value = "";
    return frame.classList.add("is-unset");
  }

  /* A place is what a hand has chosen. Leaflet ends a move for reasons of its own too (the phone was turned, a border
     pushed the view back), so only a move that a gesture began counts. */
  function follow(map) {
    let byHand = false;
    const begin = () => { byHand = true; };
    map.on("dragstart zoomstart boxzoomstart", begin);
    map.on("keydown", (event) => { if (event.originalEvent.key.startsWith("Arrow")) begin(); });
    map.on("movestart", () => frame.classList.toggle("is-moving", byHand));
    map.on("moveend", () => {
      frame.classList.remove("is-moving");
      if (!byHand) return;
      byHand = map.dragging.moving();
      frame.classList.remove("is-unset");
      const at = map.getCenter();
      lon.value = at.lng.toFixed(6);
      lat.value = at.lat.toFixed(6);
    });
    /* The pin stays on the place, not the place under the pin. */
    map.on("resize", () => { if (lon.value && lat.value) map.setView([lat.value, lon.value], map.getZoom(), { animate: false }); });
    document.getElementById("use-location").addEventListener("click", () => {
      const lost = () => { note.textContent = say("no_location"); };
      if (!navigator.geolocation) return lost();
      return navigator.geolocation.getCurrentPosition(({ coords }) => {
        begin();
        map.setView([coords.latitude, coords.longitude], 17);
      }, lost, { enableHighAccuracy: true, timeout: 8000 });
    });
  }

  const photo = document.getElementById("photo"), preview = document.getElementById("photo-preview");
  photo?.addEventListener("change", () => {
    const [file] = photo.files;
    if (preview.src) URL.revokeObjectURL(preview.src);
    preview.hidden = !file;
    if (file) preview.src = URL.createObjectURL(file);
    preview.alt = file ? file.name : "";
  });
  preview?.addEventListener("error", () => { preview.hidden = true; });

  const form = document.getElementById("report-form");
  form.addEventListener("submit", () => { form.querySelector("button[type=submit]").disabled = true; });
  addEventListener("pageshow", () => { form.querySelector("button[type=submit]").disabled = false; });
  document.getElementById("wrong-all")?.focus();

  const map = openPinMap();
  if (map) follow(map);
})();
