/* The tickets on the map: asks for what is in view, draws rings for several and signs for one. */
"use strict";
geoapp.ticketLayer = (url, asks) => {
  const { element, say } = geoapp;
  const markers = new Map();
  const layer = geoapp.flatLayer("markerPane", () => signs.draw());
  const signs = geoapp.signCanvas(layer.box);
  let asking = null, wait = 0, chosen = null, pin = null, answer = null, answered = "";

  const radius = (count) => Math.min(27, 12.5 + 4 * Math.log10(count));

  const label = (p) => (p.count > 1
    ? say("cluster", { n: geoapp.number(p.count), open: geoapp.number(p.open), late: geoapp.number(p.late) })
    : [p.title, geoapp.word(p.state, p.outcome), p.late ? say("late") : "", p.urgent ? say("urgent") : "", p.times > 1 ? say("times_here", { n: geoapp.number(p.times) }) : ""].filter(Boolean).join(", "));

  function draw(feature) {
    const p = feature.properties, [lon, lat] = feature.geometry.coordinates, reach = p.count > 1 ? radius(p.count) + 4 : 13;
    const said = label(p), made = element("div", { class: p.count > 1 ? "ring" : "sign" });
    const wide = Math.max(22, reach);
    made.style.width = made.style.height = `${2 * wide}px`;
    made.style.margin = `-${wide}px 0 0 -${wide}px`;
    for (const [name, value] of Object.entries({ role: "button", tabindex: -1, title: said, "aria-label": said })) made.setAttribute(name, value);
    return { at: L.latLng(lat, lon), made, facts: p, reach, lit: false, chosen: Boolean(p.number) && p.number === chosen };
  }

  const act = ({ at, facts }) => (facts.count > 1 ? openCluster(at, facts) : geoapp.openTicket(facts.number));
  const markerOf = (node) => [...markers.values()].find((one) => one.made.contains(node));

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
    const gone = [], come = [];
    for (const [key, marker] of markers) {
      if (next.has(key)) continue;
      gone.push(marker.made);
      markers.delete(key);
    }
    for (const [key, feature] of next) {
      if (markers.has(key)) continue;
      const marker = draw(feature);
      markers.set(key, marker);
      come.push([marker.made, marker.at]);
    }
    layer.change(gone, come);
    signs.draw();
    /* One stop for the Tab key, the arrows lead on from there. */
    const all = [...markers.values()];
    if (all.length && !all.some(({ made }) => made.tabIndex === 0)) all[0].made.tabIndex = 0;
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
      const asked = question(), found = await geoapp.getJson(`${url}?${asked}`, mine.signal);
      if (asking !== mine) return;
      [answer, answered, asking] = [found, asked, null];
      show();
      tell();
    } catch (error) {
      if (asking !== mine || error.name === "AbortError") return;
      [answered, asking] = ["", null];
      geoapp.map.fire("tickets:failed", { error });
    }
  }

  const tell = () => geoapp.map.fire("tickets:loaded", { count: answer.count, open: answer.open });

  /* Boxes are whole cells, so a small move asks nothing new; and what was asked on the way there and back is asked no more. */
  function follow() {
    if (question() !== answered) return load();
    show();
    if (!asking) return undefined;
    asking.abort();
    asking = null;
    return tell();
  }

  /* The nearest sign in the direction of an arrow: what lies aside counts twice. */
  function beside(from, key) {
    const { map } = geoapp, at = map.latLngToContainerPoint(from.at);
    const along = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    let best = null, least = Infinity;
    for (const marker of markers.values()) {
      const by = map.latLngToContainerPoint(marker.at).subtract(at);
      const forward = by.x * along[0] + by.y * along[1], aside = Math.abs(by.x * along[1]) + Math.abs(by.y * along[0]);
      if (marker !== from && forward > 2 && forward + 2 * aside < least) [best, least] = [marker, forward + 2 * aside];
    }
    return best;
  }

  function steer(event) {
    const marker = markerOf(event.target);
    if (!marker) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      act(marker);
    }
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    event.stopPropagation();
    const next = beside(marker, event.key);
    if (!next) return;
    marker.made.tabIndex = -1;
    next.made.tabIndex = 0;
    next.made.focus();
  }

  /* The map is dragged from a sign as from anywhere: only a press that stayed where it was is a click. */
  function press(event) {
    const marker = markerOf(event.target);
    if (!marker) return;
    event.stopPropagation();
    if (!event.detail || !geoapp.map.dragging.moved()) act(marker);
  }

  const mark = (how, number) => {
    for (const marker of markers.values()) {
      marker[how] = Boolean(number) && marker.facts.number === number;
      marker.made.classList.toggle(`is-${how}`, marker[how]);
    }
    signs.later();
  };
  signs.of(() => markers.values());
  layer.reload = load;
  layer.show = show;
  /* Where signs stand and how far they reach: a name finds a place beside them. */
  layer.discs = () => [...markers.values()].map(({ at, reach }) => ({ at: geoapp.map.latLngToContainerPoint(at), reach }));
  layer.drawn = () => [...markers.values()].reduce((sum, { facts }) => sum + facts.count, 0);
  layer.light = (number) => mark("lit", number);
  layer.choose = (number) => {
    mark("chosen", (chosen = number));
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
    layer.box.addEventListener("keydown", steer);
    layer.box.addEventListener("click", press);
    layer.box.addEventListener("dblclick", (event) => event.stopPropagation());
    geoapp.map.on("moveend", () => { clearTimeout(wait); wait = setTimeout(follow, 120); });
  });
  return layer;
};
