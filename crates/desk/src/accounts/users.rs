//! Inviting people, letting them set up their login, changing what they may do, and letting them go.

use super::rules::{self, WeakPassword};
use super::{HashingBusy, hash_of};
use crate::caller::Caller;
use crate::codec::Draft;
use crate::commands::label;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::ids;
use crate::streams;
use crate::view::Text;
use crate::world::World;
use crate::world::access::UserEntry;
use domain::account::{Role, UserInvited, UserMarked, UserRoleChanged};
use domain::event::Event;
use domain::{Actor, PersonalRef, RowScope, Scope, UserId};
use jiff::{SignedDuration, Timestamp};
use store::Expected;

/// How long a link is good.
const LINK_FOR: SignedDuration = SignedDuration::from_mins(30);

/// A link with which a person sets up a login, once. Its secret is here and nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct SetupLink {
    /// Whose.
    pub user: UserId,
    /// The secret part of the link.
    pub secret: String,
    /// It is worth nothing from then on.
    pub expires: Timestamp,
}

/// Why a login could not be set up.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NewPassword {
    /// The link was used, is too old, or never was.
    #[error("this link is no longer good: ask for a new one")]
    LinkOver,
    /// The password is refused; the link stays good.
    #[error(transparent)]
    Weak(#[from] WeakPassword),
    /// Too many at once; the link stays good.
    #[error(transparent)]
    Busy(#[from] HashingBusy),
    /// The desk refused.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

impl Desk {
    /// Whether nobody can log in yet, so that a first link is to be made.
    #[must_use]
    pub fn needs_first_user(&self) -> bool {
        !self.world().users.values().any(|user| user.can_log_in() && user.role == Role::Admin)
    }

    /// A link for the first administrator, who says name and address when setting up.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] when there is an administrator already.
    pub fn first_link(&self, now: Timestamp) -> Result<SetupLink, DeskError> {
        if !self.needs_first_user() {
            return Err(DeskError::Forbidden { needed: Role::Admin });
        }
        let link = self.new_link(None, now)?;
        self.accounts.invite(&link.user, &unset_address(&link.user), &hash_of(&link.secret), link.expires)?;
        Ok(link)
    }

    /// Invites somebody. The link is for that person only.
    ///
    /// # Errors
    /// [`store::sqlite::AccountsError::AddressTaken`] when somebody else logs in with the address.
    pub fn invite_user(
        &self,
        caller: &Caller,
        name: &str,
        email: &str,
        role: Role,
        sees: &Scope,
        now: Timestamp,
    ) -> Result<SetupLink, DeskError> {
        caller.administers()?;
        let email = address(email)?;
        label("name", name, 120)?;
        let link = self.new_link(None, now)?;
        self.accounts.invite(&link.user, &email, &hash_of(&link.secret), link.expires)?;
        self.record_invited(&caller.actor, &link.user, name, &email, role, sees, now)?;
        Ok(link)
    }

    /// Gives somebody a new link; the old password and all sessions are worth nothing from now on.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when nobody has that id.
    pub fn renew_link(&self, caller: &Caller, user: &UserId, now: Timestamp) -> Result<SetupLink, DeskError> {
        caller.administers()?;
        let link = self.new_link(Some(user.clone()), now)?;
        self.change_user(caller, user, now, |world, entry| {
            keep_an_admin(world, entry, false)?;
            Ok(vec![Event::UserLinkRenewed(UserMarked { user: user.clone() })])
        })?;
        if !self.accounts.renew(user, &hash_of(&link.secret), link.expires)? {
            return Err(DeskError::invalid("user", "has no login any more: invite them anew"));
        }
        Ok(link)
    }

    /// Whose link this is while it is good; the first administrator's has no user yet.
    ///
    /// # Errors
    /// When the accounts cannot be read.
    pub fn link_is_good(&self, secret: &str, now: Timestamp) -> Result<Option<UserId>, DeskError> {
        Ok(self.accounts.link_of(&hash_of(secret), now)?)
    }

    /// Sets up a login with the link. The first administrator also says who they are.
    ///
    /// # Errors
    /// [`NewPassword`] says whether the link stays good.
    pub fn set_up(
        &self,
        secret: &str,
        password: &str,
        first: Option<(&str, &str)>,
        now: Timestamp,
    ) -> Result<UserId, NewPassword> {
        let link = hash_of(secret);
        let user = self.accounts.link_of(&link, now).map_err(DeskError::from)?.ok_or(NewPassword::LinkOver)?;
        let known = self.world().users.get(&user).cloned();
        let (name, email) = match (&known, first) {
            (Some(entry), _) => (self.plain(&entry.name), self.plain(&entry.email)),
            (None, Some((name, email))) => (label("name", name, 120)?.to_owned(), address(email)?),
            (None, None) => return Err(DeskError::invalid("name", "and e-mail are needed").into()),
        };
        rules::check(password, &name, &email)?;
        let hash = self.hashing.hash(password, &mut |bytes: &mut [u8]| self.entropy().fill(bytes))?;
        if known.is_none() {
            self.admit_first(&user, &name, &email, &link, now)?;
        }
        let themselves = Caller { actor: Actor::User(user.clone()), role: Role::Admin, sees: Scope::All };
        self.change_user(&themselves, &user, now, |_, _| {
            Ok(vec![Event::UserSetUp(UserMarked { user: user.clone() })])
        })?;
        // Last: after a crash before this the link is still good, and the login still without a password.
        let spent = self.accounts.spend_link(&link, &hash, now).map_err(DeskError::from)?;
        if spent.as_ref() != Some(&user) {
            return Err(NewPassword::LinkOver);
        }
        Ok(user)
    }

    /// Changes what somebody may do and see.
    ///
    /// # Errors
    /// [`DeskError::LastAdmin`] when nobody would be left to administer.
    pub fn change_role(
        &self,
        caller: &Caller,
        user: &UserId,
        role: Role,
        sees: &Scope,
        now: Timestamp,
    ) -> Result<(), DeskError> {
        caller.administers()?;
        self.change_user(caller, user, now, |world, entry| {
            if (entry.role, &entry.sees) == (role, sees) {
                return Ok(vec![]);
            }
            keep_an_admin(world, entry, role == Role::Admin && *sees == Scope::All)?;
            let body = UserRoleChanged { user: user.clone(), role, sees: sees.clone() };
            Ok(vec![Event::UserRoleChanged(body)])
        })
    }

    /// Takes somebody's login away.
    ///
    /// # Errors
    /// [`DeskError::LastAdmin`] when nobody would be left to administer.
    pub fn disable_user(&self, caller: &Caller, user: &UserId, now: Timestamp) -> Result<(), DeskError> {
        caller.administers()?;
        self.change_user(caller, user, now, |world, entry| {
            keep_an_admin(world, entry, false)?;
            Ok(vec![Event::UserDisabled(UserMarked { user: user.clone() })])
        })?;
        self.accounts.remove(user)?;
        Ok(())
    }

    /// The first administrator becomes known: whoever comes second with another first link is too late.
    fn admit_first(
        &self,
        user: &UserId,
        name: &str,
        email: &str,
        link: &store::Hash,
        now: Timestamp,
    ) -> Result<(), NewPassword> {
        if !self.needs_first_user() {
            return Err(NewPassword::LinkOver);
        }
        let expires = now.checked_add(LINK_FOR).unwrap_or(now);
        self.accounts.invite(user, email, link, expires).map_err(DeskError::from)?;
        let actor = Actor::User(user.clone());
        self.record_invited(&actor, user, name, email, Role::Admin, &Scope::All, now)?;
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "each is one field of the event")]
    fn record_invited(
        &self,
        actor: &Actor,
        user: &UserId,
        name: &str,
        email: &str,
        role: Role,
        sees: &Scope,
        now: Timestamp,
    ) -> Result<(), DeskError> {
        let subject = streams::user_subject(user);
        let name = self.keep(&subject, "name", name.trim())?;
        let email = self.keep(&subject, "email", email)?;
        let body = UserInvited { user: user.clone(), name, email, role, sees: sees.clone() };
        self.append(actor, now, vec![draft(user, Expected::NoStream, Event::UserInvited(body))]).map(drop)
    }

    fn change_user(
        &self,
        caller: &Caller,
        user: &UserId,
        now: Timestamp,
        mut decide: impl FnMut(&World, &UserEntry) -> Result<Vec<Event>, DeskError>,
    ) -> Result<(), DeskError> {
        self.run(&caller.actor, now, |world| {
            let entry = world.users.get(user);
            let entry = entry.ok_or_else(|| DeskError::NotFound { what: "user", id: user.to_string() })?;
            let events = decide(world, entry)?;
            let expected = Expected::Exact(entry.version);
            Ok((events.into_iter().map(|event| draft(user, expected, event)).collect(), ()))
        })
    }

    fn new_link(&self, user: Option<UserId>, now: Timestamp) -> Result<SetupLink, DeskError> {
        let mut entropy = self.entropy();
        let user = user.unwrap_or_else(|| ids::fresh("u", &mut **entropy, UserId::new));
        let secret = ids::secret::<32>(&mut **entropy);
        let expires = now.checked_add(LINK_FOR).map_err(|_| DeskError::invalid("now", "is out of range"))?;
        Ok(SetupLink { user, secret, expires })
    }

    fn plain(&self, reference: &PersonalRef) -> String {
        match self.text(reference) {
            Text::Plain(text) => text,
            Text::Erased | Text::Unreadable => String::new(),
        }
    }
}

/// Sees that somebody can still administer after `entry` is changed.
fn keep_an_admin(world: &World, entry: &UserEntry, stays_admin: bool) -> Result<(), DeskError> {
    let administers = |user: &UserEntry| user.can_log_in() && user.role == Role::Admin && user.sees == Scope::All;
    let others = world.users.values().any(|user| user.user != entry.user && administers(user));
    if stays_admin || others || !administers(entry) { Ok(()) } else { Err(DeskError::LastAdmin) }
}

fn draft(user: &UserId, expected: Expected, event: Event) -> Draft {
    Draft { stream: streams::user(user), expected, scope: RowScope::Organisation, cause: None, event }
}

/// Something that can be an e-mail address; whether it is one shows when mail is sent.
fn address(text: &str) -> Result<String, DeskError> {
    let text = label("email", text, 254)?;
    let fits = text.split_once('@').is_some_and(|(local, host)| {
        !local.is_empty() && !host.is_empty() && !host.contains('@') && !text.chars().any(char::is_whitespace)
    });
    if fits {
        Ok(text.to_owned())
    } else {
        Err(DeskError::invalid("email", "must be an address such as name@example.org"))
    }
}

/// Stands for the address of the first administrator until it is said; no real address has a space.
fn unset_address(user: &UserId) -> String {
    format!("unset {user}")
}
