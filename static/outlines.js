/* The ground: a layer's outlines as land or as quiet borders, with names where they fit. */
"use strict";
geoapp.outlineLayer = (url, look) => {
  const shapes = L.geoJSON(null, {
    interactive: false,
    pane: look.land ? "tilePane" : "overlayPane",
    style: { className: look.land ? "land" : `border border-${look.level}`, weight: 1 },
  });
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
    const { at, box } = anchor(layer);
    const letter = /[\u3000-\u9fff]/.test(name) ? 14 : 7.5;
    labels.push({ text: name, at, box, width: name.length * letter * (look.land ? 1.15 : 1) });
  }

  function show() {
    geoapp.map.getZoom() >= (look.land ? 0 : look.fromZoom) ? whole.addLayer(shapes) : whole.removeLayer(shapes);
  }

  /* A name stands in the middle of its area, or over or under a sign that lies there; where there is no room, nowhere. */
  function settle(taken) {
    const map = geoapp.map, zoom = map.getZoom(), visible = look.land ? zoom < 13 : zoom >= look.fromZoom;
    const placed = [];
    for (const { text, at, box, width } of labels) {
      const north = map.latLngToContainerPoint(box.getNorthWest()), south = map.latLngToContainerPoint(box.getSouthEast());
      const middle = map.latLngToContainerPoint(at), up = visible && south.x - north.x > width * 1.15 ? free(middle, width, north.y, south.y, taken) : null;
      if (up === null) continue;
      taken.push({ x: middle.x, y: middle.y + up, halfWidth: width / 2, halfHeight: 9 });
      placed.push({ text, at, up, angle: 0, look: look.level });
    }
    geoapp.names.put(url, placed);
  }

  function free(middle, width, top, bottom, taken) {
    for (const up of [0, -26, 26, -40, 40]) {
      const y = middle.y + up;
      if (up && (y - 9 < top || y + 9 > bottom)) continue;
      if (!taken.some((one) => Math.abs(one.x - middle.x) < one.halfWidth + width / 2 && Math.abs(one.y - y) < one.halfHeight + 9)) return up;
    }
    return null;
  }

  async function load() {
    /* Without its ground the map still tells where things are: the tickets' own failure is the one to speak of. */
    const found = await geoapp.getJson(url).catch(() => null);
    if (!found) return;
    shapes.addData(found);
    shapes.eachLayer(label);
    geoapp.map.on("zoomend", show);
    show();
    geoapp.names.settle();
  }

  whole.on("add", () => {
    geoapp.names.settle.layers.push(settle);
    /* Nothing of it shows from afar, so nothing is fetched there. */
    const begin = () => { if (look.land || geoapp.map.getZoom() >= look.fromZoom) { geoapp.map.off("zoomend", begin); load(); } };
    geoapp.map.on("zoomend", begin);
    begin();
  });
  return whole;
};
