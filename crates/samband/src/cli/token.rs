//! `samband token`: making, listing and revoking what machines hand in signals with.

use super::home::Common;
use super::out;
use crate::wall::WallClock;
use anyhow::{Context, Result};
use desk::Caller;
use domain::{CustomerKey, Scope, TokenId};
use node::Clock;
use serde_json::json;
use std::process::ExitCode;

/// The page where the same is done.
const PAGE: &str = "/settings/tokens";

/// Arguments of `samband token`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make a token. It is printed once and kept nowhere.
    Create {
        #[command(flatten)]
        common: Common,
        /// Whose signals it hands in.
        #[arg(long, default_value = "main")]
        customer: String,
        /// What it is for.
        label: String,
    },
    /// List the tokens.
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Make a token worth nothing from now on.
    Revoke {
        #[command(flatten)]
        common: Common,
        /// Its id, as listed.
        token: String,
    },
}

/// Runs it.
pub fn run(args: &Args) -> Result<ExitCode> {
    match &args.action {
        Action::Create { common, customer, label } => create(common, customer, label)?,
        Action::List { common } => list(common)?,
        Action::Revoke { common, token } => {
            let id = TokenId::new(token.as_str()).context("the token's id")?;
            common.alone(PAGE)?.desk.revoke_token(&Caller::part("cli"), &id, WallClock.now())?;
            out::say(common.json, &json!({"revoked": id}), || format!("{id} is worth nothing any more."))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn create(common: &Common, customer: &str, label: &str) -> Result<()> {
    let customer = CustomerKey::new(customer).context("--customer")?;
    let home = common.alone(PAGE)?;
    let token = home.desk.create_token(&Caller::part("cli"), &customer, label, WallClock.now()).with_context(|| {
        format!("no token for {customer}; `samband import --customer {customer}` registers a customer")
    })?;
    let as_json = json!({"id": token.id, "secret": token.secret, "customer": customer, "label": label});
    out::say(common.json, &as_json, || {
        format!("{}\n\nThis is {}, for {label}. It is shown this once.", token.secret, token.id)
    })
}

fn list(common: &Common) -> Result<()> {
    let home = common.looking()?;
    let tokens: Vec<_> = home.desk.read(&Scope::All, |view| {
        let of = |(_, part): (_, &desk::world::Part)| part.tokens.values().cloned().collect::<Vec<_>>();
        view.customers().flat_map(of).collect()
    });
    let as_json: Vec<_> = tokens
        .iter()
        .map(|token| {
            json!({
                "id": token.created.token, "prefix": token.created.prefix, "customer": token.created.customer,
                "label": token.created.label, "created_at": token.created_at, "revoked_at": token.revoked_at,
            })
        })
        .collect();
    out::say(common.json, &json!(as_json), || {
        let row = |token: &desk::world::access::TokenEntry| {
            let made = &token.created;
            let state = token.revoked_at.map_or_else(|| "in force".to_owned(), |at| format!("revoked {at}"));
            let (id, customer) = (made.token.to_string(), made.customer.to_string());
            vec![id, made.prefix.clone(), customer, made.label.clone(), token.created_at.to_string(), state]
        };
        let rows: Vec<_> = tokens.iter().map(row).collect();
        out::table(&["id", "begins", "customer", "for", "made", "state"], &rows)
    })
}
