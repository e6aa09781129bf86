//! The static files, embedded. One hash over all of them stands in every address (`/static/<release>/app.css`), so that
//! modules can import each other by relative path and everything may be cached for ever.

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::{collections::BTreeMap, io::Write, sync::LazyLock};

macro_rules! embed {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_bytes!(concat!("../static/", $path)))),*]
    };
}

/// Every file that is served. `tests/assets.rs` proves that none in `static/` is forgotten.
pub const FILES: &[(&str, &[u8])] = embed![
    "app.css",
    "favicon.svg",
    "js/api.js",
    "js/app.js",
    "js/chart.js",
    "js/demo.js",
    "js/forms.js",
    "js/live.js",
    "js/live-connection.js",
    "js/live-worker.js",
    "js/map.js",
    "js/morph.js",
    "js/palette.js",
    "js/tables.js",
    "js/times.js",
    "map/sweden.geojson",
    "vendor/leaflet/LICENSE",
    "vendor/leaflet/leaflet.css",
    "vendor/leaflet/leaflet.js",
    "vendor/uplot/LICENSE",
    "vendor/uplot/uPlot.iife.min.js",
    "vendor/uplot/uPlot.min.css",
];

struct Asset {
    plain: &'static [u8],
    gzip: Vec<u8>,
    content_type: &'static str,
}

static ASSETS: LazyLock<BTreeMap<&'static str, Asset>> = LazyLock::new(|| {
    let asset = |plain: &'static [u8], path| Asset { plain, gzip: gzip(plain), content_type: content_type(path) };
    FILES.iter().map(|&(path, bytes)| (path, asset(bytes, path))).collect()
});

static RELEASE: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = blake3::Hasher::new();
    for (path, bytes) in FILES {
        hasher.update(path.as_bytes()).update(&[0]).update(blake3::hash(bytes).as_bytes());
    }
    hasher.finalize().to_hex().as_str().chars().take(12).collect()
});

/// Address of a static file, good for as long as its bytes are.
#[must_use]
pub fn url(path: &str) -> String {
    format!("/static/{}/{path}", RELEASE.as_str())
}

/// Serves `/static/{release}/{*path}`. A page of an older release still gets its file, uncached.
pub async fn serve(Path((release, path)): Path<(String, String)>, request: HeaderMap) -> Response {
    let Some(asset) = ASSETS.get(path.as_str()) else { return StatusCode::NOT_FOUND.into_response() };
    let wants_gzip = crate::compression::takes_gzip(&request);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let caching = if release == *RELEASE { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if wants_gzip && asset.gzip.len() < asset.plain.len() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        (headers, asset.gzip.as_slice()).into_response()
    } else {
        (headers, asset.plain).into_response()
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    // Writing to memory cannot fail; an empty result would be served plain all the same.
    if encoder.write_all(bytes).is_err() {
        return bytes.to_vec();
    }
    encoder.finish().unwrap_or_else(|_| bytes.to_vec())
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("geojson") => "application/geo+json",
        _ => "text/plain; charset=utf-8",
    }
}
