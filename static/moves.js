/* The ground that works fence off, drawn corner by corner on the map beside the form that asks for it. */
"use strict";
(() => {
  const { map, element, say } = geoapp;
  for (const input of document.querySelectorAll("[data-outline]")) {
    const button = element("button", { class: "quiet draw-outline", type: "button", "aria-pressed": "false" }, say("draw_outline"));
    let shape = null;
    const corners = () => input.value.trim().split(/\s+/).map((corner) => corner.split(",").map(Number)).filter(([lon, lat]) => Number.isFinite(lon) && Number.isFinite(lat));
    const show = () => {
      shape?.remove();
      const at = corners().map(([lon, lat]) => [lat, lon]);
      shape = at.length ? L.polygon(at, { className: "hoarding", interactive: false }).addTo(map) : null;
    };
    const add = ({ latlng }) => {
      input.value = `${input.value} ${latlng.lng.toFixed(6)},${latlng.lat.toFixed(6)}`.trim();
      show();
    };
    button.addEventListener("click", () => {
      const drawing = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(drawing));
      button.textContent = say(drawing ? "draw_done" : "draw_outline");
      map.getContainer().classList.toggle("is-drawing", drawing);
      if (drawing) { input.value = ""; show(); document.getElementById("panel").classList.remove("is-full"); }
      map[drawing ? "on" : "off"]("click", add);
    });
    input.addEventListener("input", show);
    input.after(button);
  }
})();
