//! A client for tests: whatever comes back is an answer.

use std::time::Duration;

pub struct Answer {
    pub status: u16,
    pub retry_after: Option<String>,
    pub body: String,
}

pub fn agent() -> ureq::Agent {
    let config =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(20)));
    config.max_redirects(0).build().into()
}

pub fn get(agent: &ureq::Agent, url: &str, bearer: &str) -> Result<Answer, ureq::Error> {
    let request = agent.get(url).header("Authorization", format!("Bearer {bearer}")).header("Accept", "text/html");
    answer(request.call()?)
}

pub fn post(agent: &ureq::Agent, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer, ureq::Error> {
    let request = headers.iter().fold(agent.post(url), |request, (name, value)| request.header(*name, *value));
    answer(request.send(body)?)
}

fn answer(response: ureq::http::Response<ureq::Body>) -> Result<Answer, ureq::Error> {
    let status = response.status().as_u16();
    let retry_after = response.headers().get("retry-after").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let body = response.into_body().read_to_string()?;
    Ok(Answer { status, retry_after, body })
}
