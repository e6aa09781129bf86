//! `samband user`: inviting people, and what they may do.

use super::home::{Common, Home};
use super::out;
use crate::wall::WallClock;
use anyhow::{Context, Result};
use desk::world::access::{UserEntry, UserState};
use desk::{Caller, SetupLink, Text};
use domain::account::Role;
use domain::{CustomerKey, Scope, UserId};
use node::Clock;
use serde_json::json;
use std::process::ExitCode;

/// The page where the same is done.
const PAGE: &str = "/settings/users";

/// Arguments of `samband user`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Invite somebody: prints a link with which they set up their login, good once and for 30 minutes.
    Invite {
        #[command(flatten)]
        common: Common,
        /// Their name.
        #[arg(long)]
        name: String,
        /// The address they log in with.
        #[arg(long)]
        email: String,
        /// viewer, responder, commander or admin.
        #[arg(long)]
        role: Role,
        /// Customers they see; all where absent.
        #[arg(long = "customer", value_name = "KEY")]
        customers: Vec<String>,
    },
    /// Give somebody a new link; password and sessions of before are worth nothing from then on.
    Renew {
        #[command(flatten)]
        common: Common,
        /// Their id, as listed.
        user: String,
    },
    /// List everybody.
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Change what somebody may do.
    SetRole {
        #[command(flatten)]
        common: Common,
        /// Their id, as listed.
        user: String,
        /// viewer, responder, commander or admin.
        role: Role,
    },
    /// Take somebody's login away.
    Disable {
        #[command(flatten)]
        common: Common,
        /// Their id, as listed.
        user: String,
    },
}

/// Runs it.
pub fn run(args: &Args) -> Result<ExitCode> {
    let (caller, now) = (Caller::part("cli"), WallClock.now());
    let id = |text: &str| UserId::new(text).context("the user's id");
    match &args.action {
        Action::Invite { common, name, email, role, customers } => {
            let sees = scope(customers)?;
            let home = common.alone(PAGE)?;
            let link = home.desk.invite_user(&caller, name, email, *role, &sees, now)?;
            say_link(common, &home, &link)?;
        }
        Action::Renew { common, user } => {
            let home = common.alone(PAGE)?;
            let link = home.desk.renew_link(&caller, &id(user)?, now)?;
            say_link(common, &home, &link)?;
        }
        Action::List { common } => list(common)?,
        Action::SetRole { common, user, role } => {
            let (home, user) = (common.alone(PAGE)?, id(user)?);
            let sees = home.desk.read(&Scope::All, |view| view.user(&user).map(|entry| entry.sees.clone()));
            let sees = sees.with_context(|| format!("nobody has the id {user}"))?;
            home.desk.change_role(&caller, &user, *role, &sees, now)?;
            let as_json = json!({"user": user, "role": role});
            out::say(common.json, &as_json, || format!("{user} has the role {} now.", role.name()))?;
        }
        Action::Disable { common, user } => {
            let user = id(user)?;
            common.alone(PAGE)?.desk.disable_user(&caller, &user, now)?;
            out::say(common.json, &json!({"disabled": user}), || format!("{user} cannot log in any more."))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn scope(customers: &[String]) -> Result<Scope> {
    if customers.is_empty() {
        return Ok(Scope::All);
    }
    let keys = customers.iter().map(|key| CustomerKey::new(key.as_str()).context("--customer"));
    Ok(Scope::Customers(keys.collect::<Result<_>>()?))
}

fn say_link(common: &Common, home: &Home, link: &SetupLink) -> Result<()> {
    let url = format!("{}/setup/{}", home.config.base_url(), link.secret);
    let as_json = json!({"user": link.user, "url": url, "expires": link.expires});
    out::say(common.json, &as_json, || format!("{url}\n\nGood once, until {}, for {}.", link.expires, link.user))
}

fn list(common: &Common) -> Result<()> {
    let home = common.looking()?;
    let users: Vec<UserEntry> = home.desk.read(&Scope::All, |view| view.users().cloned().collect());
    let plain = |reference| match home.desk.text(reference) {
        Text::Plain(text) => text,
        Text::Erased => "(erased)".to_owned(),
        Text::Unreadable => "(unreadable)".to_owned(),
    };
    let state = |entry: &UserEntry| match entry.state {
        UserState::Invited => "invited",
        UserState::Active => "active",
        UserState::Disabled => "disabled",
    };
    let rows: Vec<Vec<String>> = users
        .iter()
        .map(|entry| {
            let (name, email) = (plain(&entry.name), plain(&entry.email));
            vec![entry.user.to_string(), name, email, entry.role.name().to_owned(), state(entry).to_owned()]
        })
        .collect();
    const HEAD: [&str; 5] = ["id", "name", "email", "role", "state"];
    let object =
        |row: &Vec<String>| HEAD.iter().zip(row).map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let as_json: Vec<serde_json::Map<String, serde_json::Value>> = rows.iter().map(object).collect();
    out::say(common.json, &json!(as_json), || out::table(&HEAD, &rows))
}
