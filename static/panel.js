/* The ticket's panel: what, where, who, until when, what happened, and what was here before. */
"use strict";
(() => {
  const { element, say, time, mark, word, look, strings } = geoapp;
  const panel = document.getElementById("panel"), body = document.getElementById("panel-body");
  const WIDE_M = 30;
  let asking = null, shown = null, cameFrom = null;

  const fact = (name, ...children) => element("div", {}, element("dt", {}, name), element("dd", {}, ...children));
  const part = (title, ...children) => element("section", {}, element("h2", {}, title), ...children);

  const facing = (t) => ({ ...t, state: t.stands || t.state });

  function head(t) {
    const s = facing(t);
    return element("header", { class: "ticket-head" },
      element("p", { class: `ticket-state state-${look(s.state, s.outcome)}` }, mark(s), element("strong", {}, word(s.state, s.outcome)),
        t.synthetic ? element("span", { class: "tag tag-demo" }, say("made_up")) : "",
        t.public === false ? element("span", { class: "tag tag-demo" }, say("not_public")) : "",
        t.late ? element("span", { class: "tag tag-late" }, say("late")) : "",
        t.urgent ? element("span", { class: "tag tag-urgent" }, say("urgent")) : "",
        ...(t.marks || []).filter((each) => each.mark !== "works").map((each) => element("span", { class: `tag tag-${each.mark}` }, each.label))),
      element("h1", {}, t.title),
      element("p", { class: "ticket-sub" }, element("span", { class: "number" }, t.number), " · ", time(t.opened_at)));
  }

  function where(place, site) {
    const areas = (place.areas || []).filter((area) => area.name);
    return fact(say("where"), place.address || "",
      areas.length ? element("span", { class: "areas" }, ...areas.map((area) => element("span", {}, element("a", { href: area.url, title: area.label }, area.name)))) : "",
      site?.text ? element("span", { class: "areas" }, `${site.label}: ${site.text}`) : "",
      place.found?.conflict ? element("span", { class: "areas conflict" }, place.found.conflict) : "",
      place.found ? element("details", { class: "why" }, element("summary", {}, say("place_found")), element("p", {}, place.found.text)) : "");
  }

  function who(t) {
    const why = t.why?.text;
    return fact(say("who"), element("span", { class: "strong" }, t.unit ? t.unit.name : say("nobody")),
      why ? element("details", { class: "why" }, element("summary", {}, say("why")),
        element("p", {}, why)) : "");
  }

  const siteLine = ({ url, history }) => element("div", { class: `site-line${history.again ? " is-again" : ""}` },
    ...history.lines.map((line) => element("span", { class: `line-${line.tone}` }, line.text)),
    element("a", { href: url }, say("place_history")));

  const facts = (t) => element("dl", { class: "facts" },
    t.due_at && !t.ended_at ? fact(say("due"), element("span", { class: "strong" }, time(t.due_at)), t.late ? element("span", { class: "late-word" }, " ", say("late")) : "") : "",
    t.ended_at ? fact(say("ended"), time(t.ended_at)) : "",
    t.place ? where(t.place, t.site) : "", who(t),
    t.assisting?.length ? fact(say("assisted"), t.assisting.join(say("comma"))) : "",
    ...(t.site?.parties || []).map((party) => fact(party.label, party.name)));

  function work(w) {
    const begin = w.started_at || w.planned_at, end = w.ended_at || w.promised_at;
    return element("li", { class: `work work-${w.stage}` }, element("strong", {}, w.label), w.late ? element("span", { class: "tag tag-late" }, say("late")) : "",
      element("span", { class: "work-when" }, begin ? time(begin) : "", " – ", end ? time(end) : ""),
      element("span", { class: "work-more" }, [w.unit, ...w.details].filter(Boolean).join(" · ")),
      w.note ? element("span", { class: "note" }, w.note) : "");
  }

  /* Told to people of the house only: the server leaves them out for everybody else. */
  const clock = (c) => element("li", { class: `clock clock-${c.stands}` }, element("strong", {}, c.name),
    element("span", { class: "clock-left" }, c.text), element("span", { class: "clock-due" }, `${say("clock_due")} ${c.due_text}`),
    c.more.length ? element("span", { class: "clock-more" }, c.more.join(" · ")) : "");

  const said = (report) => element("blockquote", { class: "said" }, element("p", {}, report.body || ""),
    ...(report.photos || []).map((photo) => element("figure", { class: "shot" },
      element("img", { src: photo.url, width: photo.width, height: photo.height, loading: "lazy", alt: photo.label || say("photo") }),
      photo.label ? element("figcaption", {}, photo.label) : "")),
    element("footer", {}, report.said_at ? time(report.said_at) : "", report.source ? ` · ${report.source}` : ""));

  const event = (e) => element("li", {}, element("span", { class: "when" }, time(e.at)),
    element("span", { class: "what" }, strings.steps[e.name] || e.label || e.name,
      e.details?.length ? element("span", { class: "note note-facts" }, e.details.join(" · ")) : "", e.note ? element("span", { class: "note" }, e.note) : ""));

  const before = (t) => element("li", {}, element("a", { class: "row", href: `/tickets/${encodeURIComponent(t.number)}`, "data-number": t.number }, mark(t),
    element("span", { class: "row-text" }, element("span", { class: "row-title" }, t.title),
      element("span", { class: "row-more" }, time(t.opened_at), " · ", word(t.state, t.outcome)))));

  const together = (t) => element("li", {}, element("a", { class: "row", href: t.url, "data-number": t.number }, mark(t),
    element("span", { class: "row-text" }, element("span", { class: "row-title" }, `${t.label} ${t.number}`), element("span", { class: "row-more" }, word(t.state, t.outcome)))));

  /* Forms are the server's: from here a move leads to its own. */
  const acts = (t) => element("section", { class: "acts" }, element("h2", {}, say("may_act")), element("p", { class: "may-act" },
    ...t.moves.map((each) => element("a", { class: "quiet", href: `/tickets/${encodeURIComponent(t.number)}/moves?move=${each.move}` }, each.label))));

  function draw(t) {
    return element("article", { class: "ticket", "data-number": t.number }, head(t), t.site?.url ? siteLine(t.site) : "", facts(t),
      t.clocks?.length ? part(say("clocks"), element("ul", { class: "clocks" }, ...t.clocks.map(clock))) : "",
      t.moves?.length ? acts(t) : "",
      t.works?.length ? part(say("works"), element("ul", { class: "works" }, ...t.works.map(work))) : "",
      t.reports?.length ? part(say("reported"), ...t.reports.map(said)) : "",
      t.timeline?.length ? part(say("timeline"), element("ol", { class: "timeline" }, ...[...t.timeline].reverse().map(event))) : "",
      t.links?.length ? part(say("together"), element("ul", { class: "earlier" }, ...t.links.map(together))) : "",
      t.earlier?.length ? part(say("earlier"), element("ul", { class: "earlier" }, ...t.earlier.map(before))) : "");
  }

  const bones = () => [element("p", { class: "bone bone-short" }), element("p", { class: "bone bone-title" }), element("p", { class: "bone" }),
    element("p", { class: "bone" }), element("p", { class: "unseen", role: "status" }, say("loading"))];

  function failed(number, error) {
    const again = element("button", { class: "quiet", type: "button" }, say("retry"));
    again.addEventListener("click", () => load(number));
    return element("div", { class: "ticket-head", role: "alert" }, element("p", {}, say(error.status === 404 ? "no_ticket" : "failed")), error.status === 404 ? "" : again);
  }

  /* How far the place may be from where the ticket stands, where that is more than people standing beside it would say. */
  let reach = null;
  function drawReach(lon = 0, lat = 0, radius = 0) {
    reach?.remove();
    reach = radius > WIDE_M ? L.circle([lat, lon], { radius, className: "reach", interactive: false }).addTo(geoapp.map) : null;
  }

  /* The ground that works fence off, while the ticket is open. */
  let fences = null;
  function drawFences(shapes = []) {
    fences?.remove();
    fences = shapes.length ? L.geoJSON(shapes.map((one) => (typeof one === "string" ? JSON.parse(one) : one)), { style: { className: "hoarding" }, interactive: false }).addTo(geoapp.map) : null;
  }

  /* The part of the map the panel leaves free is where the ticket should stand. */
  function bringIntoView(lon, lat, jump) {
    const { map } = geoapp, at = L.latLng(lat, lon), wide = matchMedia("(min-width: 900px)").matches;
    geoapp.tickets.point(at);
    if (jump) map.setView(at, Math.max(map.getZoom(), 16), { animate: false });
    const size = map.getSize(), point = map.latLngToContainerPoint(at);
    const right = wide ? size.x - 440 : size.x - 40, bottom = wide ? size.y - 60 : size.y * 0.42;
    if (point.x > 40 && point.x < right && point.y > 70 && point.y < bottom) return;
    geoapp.list.hold();
/* A city small on a phone cannot be moved out of the sheet's way: there the map also goes nearer. */
    const zoom = wide ? map.getZoom() : Math.max(map.getZoom(), 15);
    const middle = map.project(at, zoom).add(size.divideBy(2)).subtract([right / 2, Math.max(90, bottom / 2)]);
    map.setView(map.unproject(middle, zoom), zoom, { animate: !jump });
  }

  async function load(number, jump = false) {
    asking?.abort();
    const mine = (asking = new AbortController());
    body.replaceChildren(...bones());
    try {
      const ticket = await geoapp.getJson(`/api/tickets/${encodeURIComponent(number)}?lang=${geoapp.language}`, mine.signal);
      body.replaceChildren(draw(ticket));
      body.scrollTop = 0;
      document.title = `${ticket.title} · ${ticket.number}`;
      if (shown !== number || !ticket.place) return;
      drawReach(ticket.place.lon, ticket.place.lat, ticket.place.found?.radius_m);
      drawFences(ticket.hoardings);
      bringIntoView(ticket.place.lon, ticket.place.lat, jump);
    } catch (error) {
      if (error.name !== "AbortError") body.replaceChildren(failed(number, error));
    }
  }

  function open(number, { jump = false } = {}) {
    if (shown === number) return;
    if (panel.hidden) cameFrom = document.activeElement;
    shown = number;
    panel.hidden = false;
    document.body.classList.add("has-ticket");
    panel.classList.remove("is-full");
    geoapp.tickets.choose(number);
    geoapp.markRow?.(number);
    drawReach();
    drawFences();
    panel.focus({ preventScroll: true });
    load(number, jump);
  }

  function close() {
    if (panel.hidden) return;
    asking?.abort();
    drawReach();
    drawFences();
    shown = null;
    panel.hidden = true;
    document.body.classList.remove("has-ticket");
    geoapp.tickets.choose(null);
    geoapp.markRow?.(null);
    document.title = geoapp.plainTitle;
    (cameFrom?.isConnected ? cameFrom : document.getElementById("map_main"))?.focus?.({ preventScroll: true });
  }

  /* A ticket the server has already written into the page is kept as it stands. */
  function adopt() {
    const article = body.querySelector(".ticket");
    if (!article) return null;
    shown = article.dataset.number;
    for (const each of article.querySelectorAll("time")) each.textContent = geoapp.day(each.dateTime) || each.textContent;
    geoapp.tickets.choose(shown);
    if (article.dataset.radius) drawReach(Number(article.dataset.lon), Number(article.dataset.lat), Number(article.dataset.radius));
    if (article.dataset.hoardings) drawFences(JSON.parse(article.dataset.hoardings));
    if (article.dataset.lon) bringIntoView(Number(article.dataset.lon), Number(article.dataset.lat), true);
    return shown;
  }

  geoapp.panel = { open, close, adopt, get number() { return shown; } };
})();
