/* The map page put together: filters, address bar, history, search, sheets and what is said while loading. */
"use strict";
(() => {
  const { config, say, element } = geoapp, { map } = geoapp;
  const side = document.getElementById("side"), panel = document.getElementById("panel"), toast = document.getElementById("toast");
  const filters = document.getElementById("filters"), report = document.getElementById("report");
  const SETTLED = ["settled", "closed", "declined", "merged", "withdrawn"];
  const TICKET = /^\/tickets\/([^/]+)$/;
  const BESIDES = ["q", "area", "category", "matter", "kind", "state", "outcome", "unit", "source", "since", "until", "due"];
  const FORM = ["state", "category"];
  const asked = new URLSearchParams(location.search);
  geoapp.plainTitle = TICKET.test(location.pathname) ? document.querySelector(".brand").textContent.trim() : document.title;
  geoapp.isOpen = (ticket) => !SETTLED.includes(ticket.state);

  /* What is asked for: by the address, or by the form where it has a word of its own. */
  function words() {
    const query = new URLSearchParams();
    for (const name of ["city", "lang", ...BESIDES]) if (asked.get(name)) query.set(name, asked.get(name));
    for (const name of FORM) if (filters.elements[name].value) query.set(name, filters.elements[name].value);
    return query;
  }

  /* The question put to the API: the filters and the box in view. */
  geoapp.query = (more, box = null) => {
    const query = words();
    query.set("city", config.city);
    query.set("lang", geoapp.language);
    query.set("bbox", boxOf(box || map.getBounds()));
    for (const [key, value] of Object.entries(more)) query.set(key, value);
    return query;
  };
  const boxOf = (box) => [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((x) => x.toFixed(6)).join(",");

  /* The address bar always leads back to what is seen. */
  function address(number = geoapp.panel.number) {
    const at = map.getCenter(), query = words();
    query.set("z", map.getZoom());
    query.set("lat", at.lat.toFixed(5));
    query.set("lon", at.lng.toFixed(5));
    return `${number ? `/tickets/${encodeURIComponent(number)}` : "/"}?${query}`;
  }

  /* Looks where an address says; one that cannot be read says nothing. */
  function look(query) {
    const [z, lat, lon] = ["z", "lat", "lon"].map((name) => (query.get(name)?.trim() ? Number(query.get(name)) : NaN));
    if (![z, lat, lon].every(Number.isFinite) || Math.abs(lat) > 90 || Math.abs(lon) > 180) return false;
    map.setView([lat, lon], z, { animate: false });
    return true;
  }

  function follow() {
    history.replaceState(null, "", address());
    const at = map.getCenter();
    report.href = `/report?${new URLSearchParams({ city: config.city, lon: at.lng.toFixed(6), lat: at.lat.toFixed(6), z: map.getZoom() })}`;
    for (const tongue of document.querySelectorAll(".tongue")) {
      const query = new URLSearchParams(location.search);
      query.set("lang", tongue.dataset.lang);
      tongue.href = `?${query}`;
    }
  }

  geoapp.openTicket = (number, how) => {
    if (geoapp.panel.number === number) return;
    history.pushState(null, "", address(number));
    geoapp.panel.open(number, how);
    dropList();
  };

  function closeTicket() {
    if (panel.hidden) return;
    geoapp.panel.close();
    history.pushState(null, "", address(null));
    follow();
  }

  addEventListener("popstate", () => {
    const ticket = location.pathname.match(TICKET);
    ticket ? geoapp.panel.open(decodeURIComponent(ticket[1])) : geoapp.panel.close();
    look(new URLSearchParams(location.search));
  });

  document.addEventListener("click", (event) => {
    const row = event.target.closest("a[data-number]");
    if (!row || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    geoapp.openTicket(row.dataset.number);
  });
  document.getElementById("panel-close").addEventListener("click", (event) => { event.preventDefault(); closeTicket(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (!panel.hidden) closeTicket();
    else dropList();
  });

  /* What is said over the map; a failure stays until it is mended. */
  function tell(text, remedy = null) {
    toast.hidden = !text;
    toast.classList.toggle("is-plain", !remedy);
    toast.replaceChildren(text || "");
    if (!remedy) return;
    const button = element("button", { type: "button" }, remedy.label);
    button.addEventListener("click", remedy.act);
    toast.append(button);
  }

  /* What went wrong, and what to do about it: a question that cannot be understood is not understood the second time. */
  geoapp.explain = ({ status, told }, retry) => {
    if (told && (status === 400 || status === 422)) {
      return { text: Object.values(told.fields).join(" ") || told.message, label: say("show_all"), act: showAll };
    }
    return { text: told?.code === "took_too_long" ? told.message : say("failed"), label: say("retry"), act: retry };
  };
  function showAll() {
    for (const name of BESIDES) asked.delete(name);
    filters.reset();
    for (const each of document.querySelectorAll(".narrowed")) each.remove();
    follow();
    reload();
  }

  let slow = 0;
  const stale = (is) => document.querySelector(".chart").classList.toggle("is-stale", is);
  const reload = () => { geoapp.tickets.reload(); geoapp.list.load(); };
  map.on("tickets:loading", () => { clearTimeout(slow); slow = setTimeout(() => tell(say("loading")), 700); });
  map.on("tickets:loaded", (event) => { clearTimeout(slow); stale(false); tell(""); geoapp.tellCount(event); });
  map.on("tickets:failed", ({ error }) => {
    clearTimeout(slow);
    stale(true);
    geoapp.tellCount(null);
    const remedy = geoapp.explain(error, reload);
    tell(remedy.text, remedy);
  });

  map.on("moveend", () => { follow(); geoapp.list.follow(); });
  filters.addEventListener("change", (event) => {
    asked.delete(event.target.name);
    for (const each of document.querySelectorAll(`.narrowed [data-name="${event.target.name}"]`)) each.remove();
    follow();
    reload();
  });
  filters.addEventListener("submit", (event) => event.preventDefault());
  for (const each of document.querySelectorAll(".narrowed a")) each.addEventListener("click", (event) => { event.preventDefault(); showAll(); });

  /* Search: coordinates in either order (a latitude cannot exceed 90), else a ticket's number. */
  let found = null;
  function coordinates(text) {
    const two = text.match(/^\s*(-?\d{1,3}(?:\.\d+)?)\s*[,，\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*$/);
    if (!two) return null;
    const [a, b] = [Number(two[1]), Number(two[2])];
    const near = [L.latLng(a, b), L.latLng(b, a)].filter((at) => Math.abs(at.lat) <= 90 && geoapp.bounds.pad(0.3).contains(at));
    return near[0] || false;
  }

  document.getElementById("search").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = document.getElementById("q").value.trim(), at = coordinates(text);
    if (!text) return passing(say("ask"));
    if (at === false) return passing(say("outside"));
    if (!at) return geoapp.openTicket(text.toUpperCase(), { jump: true });
    closeTicket();
    found?.remove();
    found = L.marker(at, { icon: L.divIcon({ className: "found-spot", iconSize: [18, 18] }), keyboard: false, interactive: false }).addTo(map);
    return map.setView(at, Math.max(map.getZoom(), 16));
  });
  function passing(text) {
    tell(text);
    setTimeout(() => tell(""), 4000);
  }

  /* Sheets: a tap on the handle grows or shrinks, a drag follows the finger. */
  const list = document.getElementById("dock-list"), small = matchMedia("(max-width: 899px)");
  const listIsUp = (up) => { side.classList.toggle("is-up", up); list.setAttribute("aria-expanded", up); };
  geoapp.raiseList = () => { if (small.matches) listIsUp(true); };
  function dropList() { listIsUp(false); side.classList.remove("is-full"); }
  list.addEventListener("click", () => {
    const up = !side.classList.contains("is-up") || !panel.hidden;
    if (!panel.hidden) closeTicket();
    up ? listIsUp(true) : dropList();
  });

  function sheet(whole, handle, lower) {
    let from = null, tall = 0, moved = false;
    handle.addEventListener("pointerdown", (event) => {
      from = event.clientY; tall = whole.offsetHeight; moved = false;
      handle.setPointerCapture(event.pointerId);
      whole.classList.add("is-dragging");
    });
    handle.addEventListener("pointermove", (event) => {
      if (from === null) return;
      moved ||= Math.abs(event.clientY - from) > 6;
      whole.style.height = `${Math.max(60, tall + from - event.clientY)}px`;
    });
    const drop = (event) => {
      if (from === null) return;
      const by = from - event.clientY, full = whole.classList.contains("is-full");
      from = null;
      whole.classList.remove("is-dragging");
      whole.style.height = "";
      if (!moved) return;
      if (by > 60) whole.classList.add("is-full");
      else if (by < -60 && full && by > -0.4 * innerHeight) whole.classList.remove("is-full");
      else if (by < -60) lower();
    };
    handle.addEventListener("pointerup", drop);
    handle.addEventListener("pointercancel", drop);
    handle.addEventListener("click", () => { if (!moved) whole.classList.toggle("is-full"); moved = false; });
  }
  sheet(side, document.getElementById("side-handle"), dropList);
  sheet(panel, document.getElementById("panel-handle"), closeTicket);
  map.on("click", () => { if (small.matches) { dropList(); document.getElementById("legend").open = false; } });

  /* Begin: the filters and the place the address names, then what is there. */
  for (const name of FORM) {
    const value = asked.get(name), offered = [...filters.querySelectorAll(`input[name=${name}], [name=${name}] option`)];
    if (!value || !offered.some((one) => one.value === value)) continue;
    filters.elements[name].value = value;
    asked.delete(name);
  }
  if (!look(asked)) {
    const [west, south, east, north] = config.fit || (asked.get("bbox") || "").split(",").map(Number);
    if (west <= east) map.fitBounds([[south, west], [north, east]], { animate: false });
  }
  const ticket = location.pathname.match(TICKET);
  if (!geoapp.panel.adopt() && ticket) geoapp.panel.open(decodeURIComponent(ticket[1]), { jump: true });
  follow();
  reload();
})();
