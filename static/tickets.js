/* The tickets on the map: asks for what is in view, draws rings for several and signs for one. */
"use strict";
geoapp.ticketLayer = (url, asks) => {
  const { svg, element, sign, say } = geoapp;
  const markers = new Map();
  const layer = L.layerGroup();
  let asking = null, wait = 0, chosen = null, pin = null, answer = null, answered = "";

  const radius = (count) => Math.min(27, 12.5 + 4 * Math.log10(count));

  /* One share of the ring; dashes are lengths on a circle of length 100. */
  function arc(kind, share, start, r, width) {
    const around = 2 * Math.PI * r;
    return svg("circle", {
      class: `arc arc-${kind}`, cx: 0, cy: 0, r, "stroke-width": width,
      "stroke-dasharray": `${Math.max(0, share * around - 1)} ${around}`, "stroke-dashoffset": -start * around, transform: "rotate(-90)",
    });
  }

  /* Late is thickest and settled thinnest, so the ring can be read without its colours. */
  function ring({ count, open, late }) {
    const r = radius(count), edge = r + 4;
    const picture = svg("svg", { viewBox: `${-edge} ${-edge} ${2 * edge} ${2 * edge}`, "aria-hidden": "true" }, svg("circle", { class: "disc", r: r + 2 }));
    const shares = [["late", late / count, 6], ["open", (open - late) / count, 4.5], ["settled", (count - open) / count, 3]];
    let start = 0;
    for (const [kind, share, width] of shares) {
      if (share > 0) picture.append(arc(kind, share, start, r - 1, width));
      start += share;
    }
    const number = svg("text", { y: 0.5 });
    number.textContent = geoapp.short(count);
    picture.append(number);
    return { html: picture, size: 2 * edge };
  }

  function icon(p) {
    if (p.count > 1) {
      const { html, size } = ring(p);
      return L.divIcon({ html, className: "ring", iconSize: [size, size] });
    }
    const html = element("span", {}, geoapp.mark(p), p.late ? sign("late", "badge") : "", p.urgent ? sign("urgent", "badge badge-urgent") : "");
    return L.divIcon({ html, className: "sign", iconSize: [40, 40] });
  }

  const label = (p) => (p.count > 1
    ? say("cluster", { n: geoapp.number(p.count), open: geoapp.number(p.open), late: geoapp.number(p.late) })
    : [p.title, geoapp.word(p.state, p.outcome), p.late ? say("late") : "", p.urgent ? say("urgent") : ""].filter(Boolean).join(", "));

  function draw(feature) {
    const p = feature.properties, [lon, lat] = feature.geometry.coordinates;
    const marker = L.marker([lat, lon], { icon: icon(p), keyboard: true, riseOnHover: true, zIndexOffset: p.count > 1 ? 0 : 200 });
    marker.on("click", () => (p.count > 1 ? openCluster(marker.getLatLng(), p) : geoapp.openTicket(p.number)));
    marker.on("add", () => {
      const made = marker.getElement();
      made.setAttribute("aria-label", label(p));
      made.title = label(p);
      made.tabIndex = -1;
      made.classList.toggle("is-chosen", Boolean(p.number) && p.number === chosen);
    });
    return marker;
  }

  function openCluster(at, p) {
    const map = geoapp.map, zoom = map.getZoom();
    if (zoom < map.getMaxZoom()) return map.flyTo(at, Math.min(map.getMaxZoom(), Math.floor(zoom) + 2), { duration: 0.35 });
    const point = map.latLngToContainerPoint(at);
    const box = L.latLngBounds(map.containerPointToLatLng(point.subtract([28, 28])), map.containerPointToLatLng(point.add([28, 28])));
    return geoapp.listSpot?.(box, p.count);
  }

  /* Cells meet at their edges, so two rings may lie on each other: these become one. Sums stay what they were. */
  function apart(features) {
    const { map } = geoapp, zoom = map.getZoom();
    const groups = [];
    for (const feature of [...features].sort((a, b) => b.properties.count - a.properties.count)) {
      const [lon, lat] = feature.geometry.coordinates, at = map.project([lat, lon], zoom);
      const reach = feature.properties.count > 1 ? radius(feature.properties.count) : 11;
      const near = groups.find((group) => group.at.distanceTo(at) < 0.92 * (group.reach + reach));
      near ? near.features.push(feature) : groups.push({ at, reach, features: [feature] });
    }
    return groups.map((group) => (group.features.length > 1 ? joined(group.features) : group.features[0]));
  }

  function joined(features) {
    const sum = (value) => features.reduce((all, feature) => all + value(feature), 0);
    const count = sum((f) => f.properties.count);
    const middle = (axis) => sum((f) => f.geometry.coordinates[axis] * f.properties.count) / count;
    const [open, late, settled] = ["open", "late", "settled"].map((name) => sum((f) => Number(f.properties[name])));
    return { type: "Feature", geometry: { type: "Point", coordinates: [middle(0), middle(1)] }, properties: { count, open, late, settled } };
  }

  /* What stays is left alone, so nothing flickers and the keyboard's place is kept. */
  function put(features) {
    const next = new Map(features.map((feature) => [JSON.stringify([feature.geometry.coordinates, feature.properties]), feature]));
    for (const [key, marker] of markers) {
      if (next.has(key)) continue;
      layer.removeLayer(marker);
      markers.delete(key);
    }
    for (const [key, feature] of next) {
      if (markers.has(key)) continue;
      const marker = draw(feature);
      marker.number = feature.properties.number;
      marker.counts = feature.properties.count;
      marker.reach = feature.properties.count > 1 ? radius(feature.properties.count) + 4 : 13;
      markers.set(key, marker);
      layer.addLayer(marker);
    }
    /* One stop for the Tab key, the arrows lead on from there. */
    const made = [...markers.values()].map((marker) => marker.getElement());
    if (made.length && !made.some((one) => one.tabIndex === 0)) made[0].tabIndex = 0;
  }

  /* The answer in hand as rings, or as heat where there is such a layer and it is asked for. */
  function show() {
    if (!answer) return;
    geoapp.heat?.show(geoapp.heatView ? answer : null);
    put(geoapp.heatView ? [] : apart(answer.features));
    geoapp.map.fire("tickets:shown");
  }

  /* Heat wants cells of half the size, and smears them. */
  function question() {
    return String(geoapp.query({ ...asks, zoom: Math.min(22, Math.floor(geoapp.map.getZoom()) + (geoapp.heatView ? 1 : 0)) }));
  }

  async function load() {
    asking?.abort();
    const mine = (asking = new AbortController());
    geoapp.map.fire("tickets:loading");
    try {
      const asked = question();
      answer = await geoapp.getJson(`${url}?${asked}`, mine.signal);
      answered = asked;
      show();
      geoapp.map.fire("tickets:loaded", { count: answer.count, open: answer.open });
    } catch (error) {
      if (error.name === "AbortError") return;
      answered = "";
      geoapp.map.fire("tickets:failed", { error });
    }
  }

  /* The nearest sign in the direction of an arrow: what lies aside counts twice. */
  function beside(from, key) {
    const { map } = geoapp, at = map.latLngToContainerPoint(from.getLatLng());
    const along = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    let best = null, least = Infinity;
    for (const marker of markers.values()) {
      const by = map.latLngToContainerPoint(marker.getLatLng()).subtract(at);
      const forward = by.x * along[0] + by.y * along[1], aside = Math.abs(by.x * along[1]) + Math.abs(by.y * along[0]);
      if (marker !== from && forward > 2 && forward + 2 * aside < least) [best, least] = [marker, forward + 2 * aside];
    }
    return best;
  }

  function steer(event) {
    const marker = [...markers.values()].find((one) => one.getElement() === event.target);
    if (!marker) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      marker.fire("click");
    }
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    event.stopPropagation();
    const next = beside(marker, event.key);
    if (!next) return;
    event.target.tabIndex = -1;
    next.getElement().tabIndex = 0;
    next.getElement().focus();
  }

  const mark = (className, number) => {
    for (const marker of markers.values()) marker.getElement()?.classList.toggle(className, Boolean(number) && marker.number === number);
  };
  layer.reload = load;
  layer.show = show;
  /* Where signs stand and how far they reach: a name finds a place beside them. */
  layer.discs = () => [...markers.values()].map((marker) => ({ at: geoapp.map.latLngToContainerPoint(marker.getLatLng()), reach: marker.reach }));
  layer.drawn = () => [...markers.values()].reduce((sum, marker) => sum + marker.counts, 0);
  layer.light = (number) => mark("is-lit", number);
  layer.choose = (number) => {
    mark("is-chosen", (chosen = number));
    pin?.remove();
  };
  /* The open ticket is pointed at even where a ring holds it. */
  layer.point = (at) => {
    pin?.remove();
    const html = element("span", {}, geoapp.pin());
    const icon = L.divIcon({ html, className: "chosen-pin", iconSize: [40, 40], iconAnchor: [20, 37] });
    pin = L.marker(at, { icon, interactive: false, keyboard: false, zIndexOffset: 5000 }).addTo(geoapp.map);
  };
  layer.on("add", () => {
    geoapp.tickets = layer;
    geoapp.map.getPane("markerPane").addEventListener("keydown", steer, true);
    /* Boxes are whole cells, so a small move asks nothing new. */
    geoapp.map.on("moveend", () => {
      clearTimeout(wait);
      wait = setTimeout(() => { question() === answered ? show() : load(); }, 120);
    });
  });
  return layer;
};
