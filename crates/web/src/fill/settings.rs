//! Tokens, users, and the customers to choose from.

use crate::view::{FreshToken, SetupLink, TokenForm, TokenLine, TokensView, UserForm, UserLine, UsersView};
use crate::visit::Visit;
use desk::world::access::UserState;

/// Customers to choose from: key and name.
pub(crate) fn customers(visit: &Visit) -> Vec<(String, String)> {
    visit.app.desk.read(visit.scope(), |view| {
        let known =
            view.customers().filter_map(|(key, part)| Some((key.to_string(), part.record.as_ref()?.name.clone())));
        known.collect()
    })
}

/// The tokens.
pub(crate) fn tokens(visit: &Visit, fresh: Option<FreshToken>, form: TokenForm) -> TokensView {
    let (mut tokens, device) = visit.app.desk.read(visit.scope(), |view| {
        let tokens: Vec<_> = view.customers().flat_map(|(_, part)| part.tokens.values().cloned()).collect();
        let mut devices = view.customers().flat_map(|(_, part)| part.fleet.devices());
        (tokens, devices.next().map(|(code, _)| code.to_string()))
    });
    tokens.sort_by_key(|token| (token.revoked_at.is_some(), std::cmp::Reverse(token.created_at)));
    let line = |token: desk::world::access::TokenEntry| TokenLine {
        used_at: visit.app.token_used_at(&token.created.token),
        id: token.created.token.to_string(),
        name: token.created.label,
        customer: token.created.customer.to_string(),
        created_at: token.created_at,
        revoked_at: token.revoked_at,
    };
    TokensView {
        tokens: tokens.into_iter().map(line).collect(),
        fresh,
        form,
        customers: customers(visit),
        base_url: visit.app.public_url.clone(),
        example_device: device.unwrap_or_else(|| "till-1".to_owned()),
        example_at: visit.now(),
    }
}

/// The users.
pub(crate) fn users(visit: &Visit, link: Option<SetupLink>, form: UserForm) -> UsersView {
    let users: Vec<_> = visit.app.desk.read(visit.scope(), |view| view.users().cloned().collect());
    let now = visit.now();
    let line = |user: desk::world::access::UserEntry| {
        let sessions = visit.app.desk.sessions_of(&user.user, now).unwrap_or_default();
        UserLine {
            id: user.user.to_string(),
            name: visit.plain(&user.name).unwrap_or_else(|| user.user.to_string()),
            login: visit.plain(&user.email).unwrap_or_default(),
            role: user.role.into(),
            is_set_up: user.state == UserState::Active,
            seen_at: sessions.iter().map(|session| session.seen_at).max(),
        }
    };
    let known = users.into_iter().filter(|user| user.state != UserState::Disabled);
    UsersView { users: known.map(line).collect(), link, form }
}
