/* The map page put together: filters, address bar, history, search, sheets and what is said while loading. */
"use strict";
(() => {
  const { config, say, element } = geoapp, { map } = geoapp;
  const side = document.getElementById("side"), panel = document.getElementById("panel"), toast = document.getElementById("toast");
  const filters = document.getElementById("filters"), report = document.getElementById("report");
  const SETTLED = ["settled", "closed", "declined", "merged", "withdrawn"];
  const TICKET = /^\/tickets\/([^/]+)$/;
  const KEPT = ["city", "lang", "area", "matter", "kind", "outcome", "unit", "source", "since", "until", "due", "q"];
  const asked = new URLSearchParams(location.search);
  geoapp.plainTitle = TICKET.test(location.pathname) ? document.querySelector(".brand").textContent.trim() : document.title;
  geoapp.isOpen = (ticket) => !SETTLED.includes(ticket.state);

  /* The question put to the API: the box in view, the filters, and what the address asked for. */
  geoapp.query = (more, box = null) => {
    const query = new URLSearchParams();
    for (const key of KEPT) if (asked.get(key)) query.set(key, asked.get(key));
    if (config.city) query.set("city", config.city.code || config.city);
    query.set("lang", geoapp.language);
    const stand = filters.elements.stand.value;
    if (stand) query.set("state", stand === "open" ? "open" : "done");
    if (filters.elements.category.value) query.set("category", filters.elements.category.value);
    query.set("bbox", boxOf(box || map.getBounds()));
    for (const [key, value] of Object.entries(more)) query.set(key, value);
    return query;
  };
  const boxOf = (box) => [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((x) => x.toFixed(6)).join(",");

  /* The address bar always leads back to what is seen. */
  function address(number = geoapp.panel.number) {
    const at = map.getCenter(), query = new URLSearchParams();
    for (const key of KEPT) if (asked.get(key)) query.set(key, asked.get(key));
    if (filters.elements.stand.value) query.set("stand", filters.elements.stand.value);
    if (filters.elements.category.value) query.set("category", filters.elements.category.value);
    query.set("z", map.getZoom());
    query.set("lat", at.lat.toFixed(5));
    query.set("lon", at.lng.toFixed(5));
    return `${number ? `/tickets/${encodeURIComponent(number)}` : "/"}?${query}`;
  }

  function follow() {
    history.replaceState(null, "", address());
    const at = map.getCenter();
    const to = new URLSearchParams({ lon: at.lng.toFixed(6), lat: at.lat.toFixed(6), z: map.getZoom() });
    if (config.city) to.set("city", config.city.code || config.city);
    report.href = `/report?${to}`;
    for (const tongue of document.querySelectorAll(".tongue")) {
      const there = new URL(location.href);
      there.searchParams.set("lang", tongue.dataset.lang);
      tongue.href = there.pathname + there.search;
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
    const query = new URLSearchParams(location.search);
    if (query.has("z")) map.setView([query.get("lat"), query.get("lon")], Number(query.get("z")), { animate: false });
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
  function tell(text, retry = null) {
    toast.hidden = !text;
    toast.classList.toggle("is-plain", !retry);
    toast.replaceChildren(text || "");
    if (!retry) return;
    const again = element("button", { type: "button" }, say("retry"));
    again.addEventListener("click", retry);
    toast.append(again);
  }
  let slow = 0;
  const stale = (is) => document.querySelector(".chart").classList.toggle("is-stale", is);
  const reload = () => { geoapp.tickets.reload(); geoapp.list.load(); };
  map.on("tickets:loading", () => { clearTimeout(slow); slow = setTimeout(() => tell(say("loading")), 700); });
  map.on("tickets:loaded", (event) => { clearTimeout(slow); stale(false); tell(""); geoapp.tellCount(event); });
  map.on("tickets:failed", () => { clearTimeout(slow); stale(true); geoapp.tellCount(null); tell(say("failed"), reload); });

  let listWait = 0;
  map.on("moveend", () => { follow(); clearTimeout(listWait); listWait = setTimeout(geoapp.list.follow, 220); });
  filters.addEventListener("change", () => { follow(); reload(); });
  filters.addEventListener("submit", (event) => event.preventDefault());

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
  if (asked.get("stand")) filters.elements.stand.value = asked.get("stand");
  if (asked.get("category")) filters.elements.category.value = asked.get("category");
  if (asked.has("z") && asked.has("lat") && asked.has("lon")) map.setView([Number(asked.get("lat")), Number(asked.get("lon"))], Number(asked.get("z")), { animate: false });
  const ticket = location.pathname.match(TICKET);
  if (!geoapp.panel.adopt() && ticket) geoapp.panel.open(decodeURIComponent(ticket[1]), { jump: true });
  follow();
  reload();
})();
