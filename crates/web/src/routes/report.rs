//! The page behind the QR code at the till: no login, few requests per address, and nothing on it but the shop's name and what
//! its staff need to know of their own shop.

use crate::fill::lines::symptom_key;
use crate::fill::notices::{notices, reported};
use crate::limits::Purpose;
use crate::pages::{ReportPage, page};
use crate::security::{Problem, ProblemKind};
use crate::state::AppState;
use crate::view::{ReportForm, ReportReceipt, ReportView, Symptom};
use crate::visit::{Answer, Asked, encode};
use crate::words::Key;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Form, Router};
use desk::NewReport;
use domain::{CustomerKey, Scope, SiteCode};
use serde::Deserialize;

/// The longest own words, in characters.
const MOST_TEXT: usize = 1_000;
/// The longest number.
const MOST_PHONE: usize = 40;

/// The page.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/r/{site}", get(show).post(send))
}

#[derive(Deserialize)]
struct Sent {
    #[serde(default)]
    symptom: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    phone: String,
}

struct Place {
    customer: CustomerKey,
    code: SiteCode,
    view: ReportView,
}

async fn show(State(app): State<AppState>, asked: Asked, Path(site): Path<String>) -> Response {
    let work = move |asked: Asked| -> Answer {
        asked.limit(&app, Purpose::Public)?;
        let place = place(&app, &asked, &site)?;
        Ok(page(&ReportPage { r: &asked.reader(&app), theme: asked.theme(), m: &place.view }))
    };
    asked.blocking(work).await
}

async fn send(State(app): State<AppState>, asked: Asked, Path(site): Path<String>, Form(sent): Form<Sent>) -> Response {
    let work = move |asked: Asked| -> Answer {
        asked.limit(&app, Purpose::Report)?;
        let Place { customer, code, mut view } = place(&app, &asked, &site)?;
        let symptom = Symptom::ALL.into_iter().find(|symptom| symptom.name() == sent.symptom);
        let error = match symptom {
            None => Some(Key("report-symptom-missing")),
            Some(_) if too_long(&sent) => Some(Key("report-too-long")),
            Some(_) => None,
        };
        let r = asked.reader(&app);
        if let (None, Some(symptom)) = (error, symptom) {
            let symptom = Some(symptom_key(symptom).to_owned());
            let new =
                NewReport { customer, site: code, at: app.now(), channel: "page".into(), symptom, text: words(&sent) };
            let (id, _) = app.desk.receive_public_report(&new, app.now())?;
            // With this report in it.
            view = place(&app, &asked, &site)?.view;
            view.receipt = Some(ReportReceipt { number: domain::report::reference(&id), at: app.now() });
            return Ok(page(&ReportPage { r: &r, theme: asked.theme(), m: &view }));
        }
        view.form = ReportForm { symptom, text: sent.text, phone: sent.phone, error };
        let shown = page(&ReportPage { r: &r, theme: asked.theme(), m: &view });
        Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
    };
    asked.blocking(work).await
}

/// Own words and the number to call back: both are personal, and go to the vault together.
fn words(sent: &Sent) -> String {
    match sent.phone.trim() {
        "" => sent.text.trim().to_owned(),
        phone => format!("{}\ntel: {phone}", sent.text.trim()),
    }
}

fn too_long(sent: &Sent) -> bool {
    sent.text.chars().count() > MOST_TEXT || sent.phone.chars().count() > MOST_PHONE
}

fn place(app: &AppState, asked: &Asked, site: &str) -> Result<Place, Problem> {
    // Whether a shop exists is all that a stranger can learn here, and the limit makes even that slow.
    let unknown =
        || Problem::new(ProblemKind::NotFound, "There is no shop with this code. Check the address on the sign.");
    let code = SiteCode::new(site).map_err(|_| unknown())?;
    let wanted = asked.query("customer");
    let found = app.desk.read(&Scope::All, |view| {
        let mut parts =
            view.customers().filter(|(key, _)| wanted.as_deref().is_none_or(|wanted| wanted == key.as_str()));
        parts.find_map(|(key, part)| {
            let title = part.fleet.site(&code)?.title().to_owned();
            Some((key.clone(), title, notices(view, part, &code), reported(part, &code, app.now())))
        })
    });
    let (customer, title, notices, reported) = found.ok_or_else(unknown)?;
    let query = wanted.map(|wanted| format!("?customer={}", encode(&wanted))).unwrap_or_default();
    let path = format!("/r/{}{query}", encode(code.as_str()));
    let view = ReportView { site: title, path, notices, reported, form: ReportForm::default(), receipt: None };
    Ok(Place { customer, code, view })
}
