/* The ground: a layer's outlines as land or as quiet borders, with names where they fit. */
"use strict";
geoapp.outlineLayer = (url, look) => {
  const shapes = L.geoJSON(null, {
    interactive: false,
    pane: look.land ? "tilePane" : "overlayPane",
    style: { className: look.land ? "land" : `border border-${look.level}`, weight: 1 },
  });
  const names = L.layerGroup();
  const whole = L.layerGroup();
  const labels = [];

  /* The middle of the widest ring: a name set there lies inside nearly every district's shape. */
  function anchor(layer) {
    const widest = rings(layer.getLatLngs()).reduce((best, ring) => (size(ring) > size(best) ? ring : best));
    return { at: middle(widest), box: L.latLngBounds(widest) };
  }
  /* One polygon or several, Leaflet nests them by depth: the rings are the arrays that hold points. */
  const rings = (nested) => (Array.isArray(nested[0]) ? nested.flatMap(rings) : [nested]);
  const size = (ring) => { const box = L.latLngBounds(ring); return (box.getEast() - box.getWest()) * (box.getNorth() - box.getSouth()); };

  function middle(ring) {
    let area = 0, x = 0, y = 0;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const cross = ring[j].lng * ring[i].lat - ring[i].lng * ring[j].lat;
      area += cross; x += (ring[j].lng + ring[i].lng) * cross; y += (ring[j].lat + ring[i].lat) * cross;
    }
    return area ? L.latLng(y / (3 * area), x / (3 * area)) : L.latLngBounds(ring).getCenter();
  }

  function label(layer) {
    const name = layer.feature?.properties?.name;
    if (!name || !layer.getLatLngs) return;
    const span = document.createElement("span");
    span.textContent = name;
    const holder = document.createElement("div");
    holder.append(span);
    const icon = L.divIcon({ html: holder, className: `place-name place-name-${look.level}`, iconSize: [0, 0] });
    const { at, box } = anchor(layer);
    labels.push({ box, width: name.length * (/[\u3000-\u9fff]/.test(name) ? 14 : 7.5), marker: L.marker(at, { icon, interactive: false, keyboard: false, zIndexOffset: -5000 }) });
  }

  function show() {
    const map = geoapp.map, zoom = map.getZoom();
    const visible = look.land || zoom >= look.fromZoom;
    visible ? whole.addLayer(shapes) : whole.removeLayer(shapes);
    for (const { marker, box, width } of labels) {
      const room = map.latLngToContainerPoint(box.getNorthEast()).x - map.latLngToContainerPoint(box.getSouthWest()).x;
      const fits = visible && room > width * 1.15 && (!look.land || zoom < 13);
      fits ? names.addLayer(marker) : names.removeLayer(marker);
    }
  }

  whole.on("add", async () => {
    whole.addLayer(names);
    geoapp.map.on("zoomend", show);
    /* Without its ground the map still tells where things are: the tickets' own failure is the one to speak of. */
    const found = await geoapp.getJson(url).catch(() => null);
    if (!found) return;
    shapes.addData(found);
    shapes.eachLayer(label);
    show();
  });
  return whole;
};
