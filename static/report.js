/* The form, and what is left of it beside a receipt, eased: a map whose middle is the place, the device's own place, the photo shown before it is sent. */
"use strict";
(() => {
  const { say, config } = geoapp;
  const lon = document.getElementById("lon"), lat = document.getElementById("lat");
  const frame = document.getElementById("pin-map"), note = document.getElementById("pin-note");

  const EXACT = 15;
  /* From farther away nobody can point at a spot. */
  const NEAR = 14;

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
    let byHand = false, quiet = false;
    const keep = () => map.setView([lat.value, lon.value], map.getZoom(), { animate: false });
    const begin = () => { byHand = !quiet; };
    /* To look nearer is not to point: a zoom keeps what was chosen and chooses nothing. */
    map.on("dragstart", begin);
    map.on("keydown", (event) => { if (event.originalEvent.key.startsWith("Arrow")) begin(); });
    map.on("movestart", () => frame.classList.toggle("is-moving", byHand));
    map.on("moveend", () => {
      frame.classList.remove("is-moving");
      if (!byHand) return;
      byHand = map.dragging.moving();
      if (map.getZoom() < NEAR) {
        lon.value = lat.value = "";
        frame.classList.add("is-unset");
        note.textContent = say("nearer");
        return;
      }
      note.textContent = say("pin_hint");
      frame.classList.remove("is-unset");
      const at = map.getCenter();
      lon.value = at.lng.toFixed(6);
      lat.value = at.lat.toFixed(6);
    });
    /* The pin stays on the place, not the place under the pin. */
    map.on("zoomend", () => { if (lon.value && lat.value && !byHand) keep(); });
    map.on("resize", () => { if (lon.value && lat.value) keep(); });
    document.getElementById("use-location").addEventListener("click", () => {
      const lost = () => { note.textContent = say("no_location"); };
      if (!navigator.geolocation) return lost();
      return navigator.geolocation.getCurrentPosition(({ coords }) => {
        begin();
        map.setView([coords.latitude, coords.longitude], 17);
      }, lost, { enableHighAccuracy: true, timeout: 8000 });
    });
    /* Moves the map at once without choosing what comes to lie under the pin. */
    return (bounds) => {
      quiet = true;
      map.fitBounds(bounds, { animate: false, maxZoom: 17, padding: [20, 20] });
      quiet = false;
    };
  }

  /* What the words say of the place: proposed, never taken; a pin that stands elsewhere stays until its owner says so. */
  function guess(map, look) {
    const box = document.getElementById("guessed");
    const address = document.querySelector("[name=address]"), body = document.querySelector("[name=body]");
    const FAR_M = 500, RADII = 3, SPOT_M = 60;
    let wait = 0, asking = null, asked = "", circle = null, answered = false;

    const clear = () => { box.hidden = true; box.replaceChildren(); circle?.remove(); circle = null; };
    const button = (text, act, look = "quiet") => {
      const made = geoapp.element("button", { type: "button", class: look }, text);
      made.addEventListener("click", act);
      return made;
    };
    const told = (...children) => { box.replaceChildren(...children); box.hidden = false; };

    function put(place) {
      clear();
      answered = true;
      lon.value = place.lon.toFixed(6);
      lat.value = place.lat.toFixed(6);
      frame.classList.remove("is-unset");
      look(L.latLng(place.lat, place.lon).toBounds(60));
    }

    function propose(place, name) {
      circle?.remove();
      circle = L.circle([place.lat, place.lon], { radius: place.radius_m || 30, className: "reach", interactive: false }).addTo(map);
      look(circle.getBounds());
      if (place.radius_m > SPOT_M) return told(geoapp.element("p", {}, say("somewhere_there", { q: name })));
      return told(geoapp.element("p", {}, say("is_it_here", { q: name })), button(say("yes_here"), () => put(place), "primary"));
    }

    function away(place) {
      const from = L.latLng(Number(lat.value), Number(lon.value)).distanceTo([place.lat, place.lon]);
      return from > Math.max(FAR_M, RADII * (place.radius_m || 0)) ? from : 0;
    }
    const far = (metres) => (metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(1)} km`);

    function show(answer) {
      const pinned = lon.value && lat.value;
      if (answer.lon === null) {
        const may = pinned ? [] : (answer.evidence.runners_up || []).slice(0, 4);
        if (!may.length) return clear();
        return told(geoapp.element("p", {}, say("which_one")), ...may.map((place) => button(place.name, () => propose(place, place.name))));
      }
      if (answer.precision === "area") return clear();
      const name = answer.name ? `${answer.name} · ${answer.text}` : answer.text;
      if (!pinned) return propose(answer, name);
      const metres = away(answer);
      if (!metres) return clear();
      return told(geoapp.element("p", {}, say("words_elsewhere", { q: answer.name || answer.text, d: far(metres) })), button(say("show_there"), () => put(answer)), button(say("pin_stays"), () => { answered = true; clear(); }));
    }

    async function ask() {
      const text = [address?.value, body?.value].filter(Boolean).join(" ").trim().slice(0, 500);
      if (answered || text === asked) return undefined;
      asking?.abort();
      if (text.length < 3) return clear();
      const mine = (asking = new AbortController());
      try {
        const query = new URLSearchParams({ city: config.city, lang: geoapp.language, q: text });
        const answer = await geoapp.getJson(`/api/locate?${query}`, mine.signal);
        asked = text;
        if (asking === mine) show(answer);
      } catch (error) {
        /* Words that cannot be looked up are no hindrance to filing: the server reads them again. */
        if (error.name !== "AbortError") clear();
      }
      return undefined;
    }
    for (const field of [address, body].filter(Boolean)) {
      field.addEventListener("input", () => { answered = false; clearTimeout(wait); wait = setTimeout(ask, 600); });
      field.addEventListener("change", () => { clearTimeout(wait); ask(); });
    }
    map.on("moveend", () => { if (lon.value && lat.value && circle) clear(); });
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
  if (map) guess(map, follow(map));
})();
