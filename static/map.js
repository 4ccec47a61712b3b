/* The map page put together: filters, address bar, history, search, sheets and what is said while loading. */
"use strict";
(() => {
  const { config, say, element } = geoapp, { map } = geoapp;
  const side = document.getElementById("side"), panel = document.getElementById("panel"), toast = document.getElementById("toast");
  const report = document.getElementById("report");
  const TICKET = /^\/tickets\/([^/]+)$/;
  const asked = new URLSearchParams(location.search);
  const views = document.getElementById("views");
  geoapp.plainTitle = TICKET.test(location.pathname) ? document.querySelector(".brand").textContent.trim() : document.title;
  geoapp.isOpen = (ticket) => !geoapp.strings.settled.includes(ticket.state);

  /* What the address says: the filters, and whose city in which language. */
  function words() {
    const query = new URLSearchParams();
    for (const name of ["city", "lang", "tour"]) if (asked.get(name)) query.set(name, asked.get(name));
    for (const [name, value] of geoapp.filters.words()) query.set(name, value);
    return query;
  }

  /* The question put to the API: the filters and the cells in view, so that list and map count the same tickets. */
  geoapp.query = (more, box = null) => {
    const query = geoapp.filters.words();
    query.set("city", config.city);
    query.set("lang", geoapp.language);
    query.set("bbox", box ? boxOf(box).map((x) => x.toFixed(6)).join(",") : geoapp.cells().join(","));
    for (const [key, value] of Object.entries(more)) query.set(key, value);
    return query;
  };
  const boxOf = (box) => [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];

  /* The address bar always leads back to what is seen. */
  function address(number = geoapp.panel.number) {
    const at = map.getCenter(), query = words();
    query.set("z", map.getZoom());
    query.set("lat", at.lat.toFixed(5));
    query.set("lon", at.lng.toFixed(5));
    if (geoapp.heatView) query.set("view", "heat");
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
  geoapp.closeTicket = closeTicket;

  /* Every filter set is a step one can go back; what changes by the second (a played window) is none. */
  geoapp.filtersChanged = ({ passing: quick = false } = {}) => {
    if (!quick) history.pushState(null, "", address());
    follow();
    reload();
  };

  addEventListener("popstate", () => {
    const query = new URLSearchParams(location.search), before = String(geoapp.filters.words()), was = geoapp.heatView;
    geoapp.filters.read(query);
    drawAs(query.get("view"));
    if (String(geoapp.filters.words()) !== before || geoapp.heatView !== was) reload();
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
  const showAll = () => geoapp.filters.clear();

  let slow = 0;
  const stale = (is) => document.querySelector(".chart").classList.toggle("is-stale", is);
  const reload = () => { geoapp.tickets.reload(); geoapp.list.load(); map.fire("filters:changed"); };
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

  /* Rings or heat: another drawing of the same answer. */
  function drawAs(view) {
    if (geoapp.heatView === (view === "heat")) return;
    geoapp.heatView = view === "heat";
    views.querySelector(`input[value="${geoapp.heatView ? "heat" : ""}"]`).checked = true;
    document.querySelector(".chart").classList.toggle("is-heat", geoapp.heatView);
    /* The answer in hand first, its finer or coarser like when it comes. */
    geoapp.tickets.show();
  }
  views.addEventListener("change", (event) => { drawAs(event.target.value); if (!small.matches) document.getElementById("legend").open = geoapp.heatView; geoapp.tickets.reload(); history.pushState(null, "", address()); follow(); });

  let shortly = 0;
  const passing = (text) => {
    clearTimeout(shortly);
    tell(text);
    shortly = setTimeout(() => tell(""), 5000);
  };
  geoapp.passing = passing;

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
      if (by > 60) fill(true);
      else if (by < -60 && full && by > -0.4 * innerHeight) fill(false);
      else if (by < -60) lower();
    };
    handle.addEventListener("pointerup", drop);
    handle.addEventListener("pointercancel", drop);
    const fill = (full) => { whole.classList.toggle("is-full", full); handle.setAttribute("aria-expanded", full); };
    handle.addEventListener("click", () => { if (!moved) fill(!whole.classList.contains("is-full")); moved = false; });
    handle.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
      event.preventDefault();
      if (event.key === "ArrowUp") fill(true);
      else whole.classList.contains("is-full") ? fill(false) : lower();
    });
  }
  sheet(side, document.getElementById("side-handle"), dropList);
  sheet(panel, document.getElementById("panel-handle"), closeTicket);
  map.on("click", (event) => { if (geoapp.heatView) passing(geoapp.heat.told(event.latlng)); });
  map.on("click", () => { if (small.matches) { dropList(); document.getElementById("legend").open = false; } });

  /* Begin: the filters and the place the address names, then what is there. */
  if (!look(asked)) {
    const [west, south, east, north] = config.fit || (asked.get("bbox") || "").split(",").map(Number);
    if (west <= east) map.fitBounds([[south, west], [north, east]], { animate: false });
  }
  const ticket = location.pathname.match(TICKET);
  if (!geoapp.panel.adopt() && ticket) geoapp.panel.open(decodeURIComponent(ticket[1]), { jump: true });
  drawAs(asked.get("view"));
  follow();
  reload();
})();
