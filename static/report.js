/* The form, eased: a map whose middle is the place, the device's own place, the photo shown before it is sent. */
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
    if (config.tiles) L.tileLayer(config.tiles.url, { maxZoom: 19, attribution: config.tiles.attribution }).addTo(map);
    for (const layer of config.ground) geoapp.outlineLayer(layer.url, layer).addTo(map);
    const cross = geoapp.svg("svg", { class: "pin-cross", viewBox: "0 0 24 24", "aria-hidden": "true" }, geoapp.svg("use", { href: "/static/icon.svg#pin" }));
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

  /* The place is taken only once somebody has moved the map or come with one: a default is not a place. */
  function follow(map) {
    map.on("movestart", () => frame.classList.add("is-moving"));
    map.on("moveend", () => {
      frame.classList.remove("is-moving", "is-unset");
      const at = map.getCenter();
      lon.value = at.lng.toFixed(6);
      lat.value = at.lat.toFixed(6);
    });
    document.getElementById("use-location").addEventListener("click", () => {
      const lost = () => { note.textContent = say("no_location"); };
      if (!navigator.geolocation) return lost();
      return navigator.geolocation.getCurrentPosition(
        ({ coords }) => map.setView([coords.latitude, coords.longitude], 17), lost, { enableHighAccuracy: true, timeout: 8000 });
    });
  }

  const photo = document.getElementById("photo"), preview = document.getElementById("photo-preview");
  photo.addEventListener("change", () => {
    const [file] = photo.files;
    if (preview.src) URL.revokeObjectURL(preview.src);
    preview.hidden = !file;
    if (file) preview.src = URL.createObjectURL(file);
    preview.alt = file ? file.name : "";
  });
  preview.addEventListener("error", () => { preview.hidden = true; });

  const form = document.getElementById("report-form");
  form.addEventListener("submit", () => { form.querySelector("button[type=submit]").disabled = true; });
  addEventListener("pageshow", () => { form.querySelector("button[type=submit]").disabled = false; });
  document.getElementById("wrong-all")?.focus();

  const map = openPinMap();
  if (map) follow(map);
})();
