/* An area's map: fitted to its outline, its tickets alone on it; a sign leads to its ticket. */
"use strict";
(() => {
  const { config, map } = geoapp;
  const [west, south, east, north] = config.fit;
  const ours = () => new URLSearchParams({ city: config.city, area: config.area, lang: geoapp.language });

  geoapp.query = (more) => {
    const query = ours();
    query.set("bbox", geoapp.cells().join(","));
    for (const [key, value] of Object.entries(more)) query.set(key, value);
    return query;
  };
  geoapp.openTicket = (number) => location.assign(`/tickets/${encodeURIComponent(number)}`);
  /* Several at one spot have a list of their own beside the city's map. */
  geoapp.listSpot = (box) => {
    const query = ours(), at = box.getCenter();
    for (const [key, value] of Object.entries({ z: map.getZoom(), lat: at.lat.toFixed(6), lon: at.lng.toFixed(6) })) query.set(key, value);
    location.assign(`/?${query}`);
  };

  for (const each of document.querySelectorAll(".area-facts time")) each.textContent = geoapp.day(each.dateTime) || each.textContent;
  for (const [event, give] of [["mouseover", (row) => row.dataset.number], ["mouseout", () => null]]) {
    document.querySelector(".area-facts").addEventListener(event, (e) => { const at = e.target.closest(".row"); if (at) geoapp.tickets.light(give(at)); });
  }

  map.fitBounds([[south, west], [north, east]], { animate: false, padding: [24, 24] });
  L.geoJSON(config.outline, { interactive: false, style: { className: "area-outline" } }).addTo(map);
  geoapp.tickets.reload();
})();
