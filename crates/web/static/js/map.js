// Sweden with its sites: shape and colour by state, on one canvas, from files of our own. No tiles, no other server.
// Data comes from /api/v1/map: {sites: [[code, name, latitude, longitude, state], ...]}.
const ORDER = ["never", "shut", "selling", "below", "partly", "unsure", "unheard", "silent"];
const RADIUS = { silent: 4, unheard: 4, unsure: 4, partly: 4, below: 4.5, selling: 2.5, shut: 2, never: 2.5 };
const REFRESH_MS = 2000;
const SWEDEN = [[55.2, 10.8], [69.1, 24.3]];

function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  return {
    silent: of("--sev1"), unheard: of("--sev2"), unsure: of("--sev2"), partly: of("--sev2"), below: of("--sev3"), selling: of("--good"), shut: of("--soft"),
    never: of("--soft"), land: of("--land"), coast: of("--coast"), paper: of("--paper"),
  };
}

/** The same shapes as the words beside them: square, hatched, empty and half square, triangle, dot, dash, ring. */
function shape(ctx, state, x, y, r) {
  ctx.beginPath();
  switch (state) {
    case "silent":
      ctx.rect(x - r, y - r, 2 * r, 2 * r);
      break;
    case "unsure":
      ctx.rect(x - r, y - r, 2 * r, 2 * r);
      break;
    case "partly":
      ctx.rect(x - r, y - r, 1.1 * r, 2 * r);
      break;
    case "unheard":
      ctx.rect(x - r, y - r, 2 * r, 2 * r);
      ctx.moveTo(x - r, y + r);
      ctx.lineTo(x + r, y - r);
      ctx.moveTo(x - r, y);
      ctx.lineTo(x, y - r);
      ctx.moveTo(x, y + r);
      ctx.lineTo(x + r, y);
      break;
    case "below":
      ctx.moveTo(x - r, y - r * 0.8);
      ctx.lineTo(x + r, y - r * 0.8);
      ctx.lineTo(x, y + r);
      ctx.closePath();
      break;
    case "shut":
      ctx.moveTo(x - r, y);
      ctx.lineTo(x + r, y);
      break;
    default:
      ctx.arc(x, y, r, 0, 2 * Math.PI);
  }
}

const makeSite = () =>
  L.CircleMarker.extend({
    _updatePath() {
      const { _ctx: ctx } = this._renderer;
      if (!this._renderer._drawing || this._empty()) return;
      const { state, tint, paper } = this.options;
      const { x, y } = this._point;
      const open = ["unheard", "unsure", "shut", "never"].includes(state);
      shape(ctx, state, x, y, this._radius);
      ctx.lineWidth = open ? 1.5 : 1;
      if (open && state !== "shut") {
        ctx.fillStyle = paper;
        ctx.fill();
      }
      ctx.strokeStyle = open ? tint : paper;
      if (!open) {
        ctx.fillStyle = tint;
        ctx.fill();
      }
      ctx.stroke();
    },
  });

async function json(url) {
  const answer = await fetch(url, url.startsWith("/static/") ? {} : { cache: "no-store" });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer.json();
}

async function start(box) {
  let c = colours();
  const Site = makeSite();
  const map = L.map(box, {
    preferCanvas: true, zoomSnap: 0.25, minZoom: 3.5, maxZoom: 9, zoomControl: false, keyboard: true,
    zoomAnimation: false, fadeAnimation: false, attributionControl: true, scrollWheelZoom: false,
  });
  map.attributionControl.setPrefix(false).addAttribution("Natural Earth");
  L.control.zoom({ zoomInTitle: box.dataset.zoomIn, zoomOutTitle: box.dataset.zoomOut }).addTo(map);
  map.fitBounds(SWEDEN, { animate: false });
  map.setMaxBounds(L.latLngBounds(SWEDEN).pad(0.3));
  const outline = await json(box.dataset.outline);
  const land = L.geoJSON(outline, { interactive: false }).addTo(map);
  const paint = () => land.setStyle({ color: c.coast, weight: 1, fillColor: c.land, fillOpacity: 1 });
  paint();
  const sites = L.layerGroup().addTo(map);
  const drawSites = async () => {
    const data = await json(box.dataset.map);
    sites.clearLayers();
    data.sites.sort((a, b) => ORDER.indexOf(a[4]) - ORDER.indexOf(b[4]));
    for (const [code, name, latitude, longitude, state] of data.sites) {
      const label = document.createElement("span");
      label.textContent = `${code} ${name ?? ""} · ${box.dataset[state]}`;
      new Site([latitude, longitude], { radius: RADIUS[state], state, tint: c[state], paper: c.paper })
        .bindTooltip(label, { direction: "top" })
        .on("click", () => location.assign(`/fleet/sites/${encodeURIComponent(code)}`))
        .addTo(sites);
    }
  };
  await drawSites();
  // Closer is closer to a site: never to land where there is none.
  map.on("zoomend", () => {
    const places = sites.getLayers().map((site) => site.getLatLng());
    const bounds = map.getBounds();
    if (!places.length || places.some((place) => bounds.contains(place))) return;
    const from = map.getCenter();
    map.panTo(places.reduce((a, b) => (from.distanceTo(b) < from.distanceTo(a) ? b : a)), { animate: false });
  });
  let drawn = Date.now();
  let pending = 0;
  document.addEventListener("samband:changed", ({ detail }) => {
    if (detail.topics && !detail.topics.includes("sites")) return;
    clearTimeout(pending);
    pending = setTimeout(() => {
      drawn = Date.now();
      drawSites().catch(() => {});
    }, Math.max(0, drawn + REFRESH_MS - Date.now()));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    c = colours();
    paint();
    drawSites().catch(() => {});
  });
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(box);
}

for (const box of document.querySelectorAll("[data-map]")) start(box);
