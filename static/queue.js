/* The queue: one click on the map (or on what the words may mean) sets the place, the next files it; text selected in the report becomes the name to keep. */
"use strict";
(() => {
  const { config, element, say } = geoapp;
  const [west, south, east, north] = config.bounds;
  const map = geoapp.openMap("queue-canvas", { bounds: [[south, west], [north, east]], maxZoom: 19 });
  if (config.tiles) L.tileLayer(config.tiles.url, { maxZoom: 19, attribution: config.tiles.attribution }).addTo(map);
  for (const layer of config.ground) (layer.roads ? geoapp.roadLayer : geoapp.outlineLayer)(layer.url, layer).addTo(map);

  const form = document.getElementById("report-form");
  if (!form) return;
  const lon = document.getElementById("lon"), lat = document.getElementById("lat");
  const send = document.getElementById("place-here"), alias = document.getElementById("alias");

  const pin = L.marker([0, 0], { icon: L.divIcon({ html: geoapp.pin({ class: "queue-pin" }), className: "", iconSize: [44, 44], iconAnchor: [22, 41] }), draggable: true, autoPan: true, keyboard: true, title: say("place_pin"), alt: say("place_pin") });
  const take = document.getElementById("take-name");
  const guesses = [...form.querySelectorAll("input[name=guess]")];

  function put(at, guess = null) {
    pin.setLatLng(at).addTo(map);
    lon.value = L.latLng(at).lng.toFixed(6);
    lat.value = L.latLng(at).lat.toFixed(6);
    for (const each of guesses) each.checked = each === guess;
    send.disabled = false;
  }

  map.on("click", (event) => put(event.latlng));
  map.getContainer().addEventListener("keydown", (event) => {
    if (!["Enter", " "].includes(event.key) || event.target !== map.getContainer()) return;
    event.preventDefault();
    put(map.getCenter());
  });
  for (const field of [lon, lat]) field.addEventListener("input", () => { send.disabled = !(lon.value && lat.value); });
  pin.on("dragend", () => put(pin.getLatLng()));

  config.places.forEach((place, nth) => {
    const icon = L.divIcon({ html: element("b", { class: "guess-mark" }, place.letter), className: "", iconSize: [32, 32] });
    const marker = L.marker([place.lat, place.lon], { icon, keyboard: false, title: `${place.letter} ${place.name}`, alt: place.name }).addTo(map);
    const look = () => map.setView([place.lat, place.lon], Math.max(map.getZoom(), place.coarse ? 14 : 16));
    const choose = () => (place.coarse ? look() : put([place.lat, place.lon], guesses[nth]));
    marker.on("click", choose);
    guesses[nth]?.addEventListener("change", () => { choose(); look(); });
    guesses[nth]?.closest("label").addEventListener("click", () => { if (place.coarse) look(); });
  });
  if (config.places.length) map.fitBounds(L.latLngBounds(config.places.map((each) => [each.lat, each.lon])).pad(0.4), { animate: false, maxZoom: 16 });

  /* What was pointed out before something else was wrong stays pointed out. */
  if (lon.value && lat.value) { put([Number(lat.value), Number(lon.value)]); map.setView(pin.getLatLng(), 16, { animate: false }); }
  else send.disabled = true;

  document.addEventListener("selectionchange", () => {
    const chosen = getSelection();
    const inside = chosen.rangeCount && document.getElementById("words").contains(chosen.anchorNode) && document.getElementById("words").contains(chosen.focusNode);
    const text = inside ? chosen.toString().replace(/\s+/g, " ").trim() : "";
    if (!take || text.length < 2 || text.length > 60) return;
    /* A selection is made for many reasons: a name is kept only where somebody says so. */
    take.hidden = false;
    take.firstElementChild.textContent = say("keep_name", { q: text });
    take.firstElementChild.onclick = () => { alias.value = text; take.hidden = true; };
  });
  form.addEventListener("submit", () => { send.disabled = true; });
  addEventListener("pageshow", () => { send.disabled = !(lon.value && lat.value); });
})();
