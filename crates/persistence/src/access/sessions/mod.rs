//! Sessions. A session begins with a password and a second factor, for one practice, for one council or for the operator's door. Refresh
//! tokens that can be used once renew it. Its owner, its age or a stolen token ends it.

mod own;

use almoner_domain::events::{Door, Event, LogOwner};
use almoner_domain::ids::{AccountId, PracticeId, SessionId};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::access::bearer::Bearer;
use crate::access::identity;
use crate::ground::callers::{CallerThen, Place, PlaceKind, Seat, SeatColumns, Session};
use crate::ground::error::StoreError;
use crate::ground::prepared::update;
use crate::ground::schema::{accounts, refresh_tokens, sessions};
use crate::ground::scope::{AccountScope, IdentityScope, OperatorScope, Scope};
use crate::ground::sealing::{SealedField, under_passphrase};
use crate::ground::transaction::setting;
use crate::officers::guests::{complaints_places, note_signed_in};
use crate::officers::offices;

pub use self::own::{OwnSession, end_own, list};

/// The limits on the length of a session.
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    /// The time after which a session ends, counted from its beginning.
    pub absolute: TimeDelta,
    /// The time after which a session ends that is not renewed.
    pub idle: TimeDelta,
}

/// A session that was begun or renewed.
pub struct Opened {
    /// The account that signed in.
    pub account: AccountId,
    /// The session that was begun or renewed.
    pub session: SessionId,
    /// What the session is for.
    pub place: Place,
    /// The refresh token, shown once.
    pub refresh_token: String,
    /// When the session ends at the latest.
    pub ends_at: DateTime<Utc>,
}

/// Sets the acting account, and the log of its events: that of the practice or the council as whose member of staff or officer the
/// account acts, otherwise the platform's.
pub(crate) fn acts_for(
    scope: &mut Scope<'_>,
    account: AccountId,
    seat: Option<Seat>,
    session: Option<SessionId>,
) -> Result<(), StoreError> {
    let mut settings = vec![setting("app.account", account.uuid())];
    settings.extend(seat.map(|seat| match seat {
        Seat::Staff(practice, _) => setting("app.practice", practice.uuid()),
        Seat::Officer(council, _) | Seat::Complaints(council, _) => setting("app.council", council.uuid()),
    }));
    scope.execute(&settings)?;
    match seat {
        Some(Seat::Staff(practice, member)) => {
            scope.acts(LogOwner::Practice(practice), Some(member.uuid()), Door::Practice);
        }
        Some(Seat::Officer(council, officer)) => {
            scope.acts(LogOwner::Council(council), Some(officer.uuid()), Door::Council);
        }
        Some(Seat::Complaints(council, person)) => {
            scope.acts(LogOwner::Complaints(council), Some(person.uuid()), Door::Complaints);
        }
        None => scope.acts(LogOwner::Platform, Some(account.uuid()), Door::Operator),
    }
    scope.acts_as(CallerThen { session: session.map(SessionId::uuid), ..CallerThen::default() });
    Ok(())
}

/// Begins a session for this place. The second factor was proved in this request.
pub fn begin(
    scope: &mut IdentityScope<'_>,
    account: AccountId,
    place: Place,
    limits: SessionLimits,
) -> Result<Opened, StoreError> {
    let ends_at = scope.at() + limits.absolute;
    let proof = AuthenticationProof { authenticated_at: scope.at(), by_provider: false };
    let opened = open(scope, account, place, ends_at, proof)?;
    if let Some(Seat::Complaints(council, person)) = opened.place.seat() {
        note_signed_in(scope, council, person)?;
    }
    scope.record(Event::SessionBegun { session: opened.session })?;
    Ok(opened)
}

/// Begins a session for the place at the tenant whose provider vouches for the account, and for no other. The second factor was proved
/// at `authenticated_at`.
pub fn begin_by_provider(
    scope: &mut IdentityScope<'_>,
    account: AccountId,
    place: Place,
    authenticated_at: DateTime<Utc>,
    limits: SessionLimits,
) -> Result<Opened, StoreError> {
    let ends_at = scope.at() + limits.absolute;
    let proof = AuthenticationProof { authenticated_at: authenticated_at.min(scope.at()), by_provider: true };
    let opened = open(scope, account, place, ends_at, proof)?;
    scope.record(Event::SessionBegunByProvider { session: opened.session })?;
    Ok(opened)
}

/// The proof with which a session was begun.
struct AuthenticationProof {
    authenticated_at: DateTime<Utc>,
    by_provider: bool,
}

fn open(
    scope: &mut Scope<'_>,
    account: AccountId,
    place: Place,
    ends_at: DateTime<Utc>,
    proof: AuthenticationProof,
) -> Result<Opened, StoreError> {
    let session: SessionId = scope.next_id();
    let seat = place.seat();
    acts_for(scope, account, seat, Some(session))?;
    let ((practice, member), (council, officer, guest, for_complaints)) = seat.map(Seat::columns).unwrap_or_default();
    diesel::insert_into(sessions::table)
        .values((
            sessions::account_id.eq(account.uuid()),
            sessions::session_id.eq(session.uuid()),
            (
                sessions::practice_id.eq(practice),
                sessions::staff_id.eq(member),
                sessions::council_id.eq(council),
                sessions::officer_id.eq(officer),
                sessions::guest_id.eq(guest),
                sessions::for_complaints.eq(for_complaints),
            ),
            sessions::from_address.eq(scope.request.from.map(|address| address.to_string())),
            sessions::created_at.eq(scope.at()),
            sessions::authenticated_at.eq(proof.authenticated_at),
            sessions::by_provider.eq(proof.by_provider),
            sessions::renewed_at.eq(scope.at()),
            sessions::expires_at.eq(ends_at),
        ))
        .execute(scope.conn)?;
    let refresh_token = issue(scope, account, session)?;
    Ok(Opened { account, session, place, refresh_token, ends_at })
}

fn issue(scope: &mut Scope<'_>, account: AccountId, session: SessionId) -> Result<String, StoreError> {
    let token = Bearer::draw([account.uuid(), session.uuid()]);
    keep(scope, Session { account, session }, &token)?;
    Ok(token.text().to_owned())
}

/// Keeps the hash of a session's new refresh token.
fn keep(scope: &mut Scope<'_>, session: Session, token: &Bearer<2>) -> Result<(), StoreError> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::account_id.eq(session.account.uuid()),
            refresh_tokens::token_hash.eq(token.hash()),
            refresh_tokens::session_id.eq(session.session.uuid()),
            refresh_tokens::issued_at.eq(scope.at()),
        ))
        .execute(scope.conn)?;
    Ok(())
}

/// The result of using a refresh token.
pub enum Renewal {
    /// The session goes on, with a new refresh token.
    Renewed(Opened),
    /// The refresh token is not valid.
    Refused,
}

/// How long a refresh token that was replaced is answered with its successor again: a telephone in a lift does not get the
/// answer, and asks once more. The rotation itself is that of RFC 9700 §4.14.2, which knows no such time.
pub(crate) const LOST_ANSWER: TimeDelta = TimeDelta::seconds(10);

/// Renews a session at the door of its place. A refresh token can be used once. If it comes back within ten
/// seconds, and its successor was not used, the answer has the same successor again. Otherwise it or its successor was
/// stolen, and the session ends. At another door, or while the practice is suspended, the token is refused and stays valid.
pub fn renew(
    scope: &mut IdentityScope<'_>,
    token: &str,
    at_the_door_of: PlaceKind,
    limits: SessionLimits,
) -> Result<Renewal, StoreError> {
    let Some(token) = Bearer::<2>::read(token) else { return Ok(Renewal::Refused) };
    let [account, session] = token.ids;
    let (account, session) = (AccountId::from(account), SessionId::from(session));
    scope.execute(&[setting("app.account", account.uuid())])?;
    let at = scope.at();
    let live = find_live(scope, Session { account, session }, Some(limits.idle))?;
    let Some(live) = live.filter(|live| live.place.kind() == at_the_door_of) else {
        return Ok(Renewal::Refused);
    };
    let renewed = replace_token(scope, Session { account, session }, &token)?;
    acts_for(scope, account, live.place.seat(), Some(session))?;
    let refresh_token = match renewed {
        Some(successor) => {
            let renewed = update(sessions::table.find((account.uuid(), session.uuid())))
                .set(sessions::renewed_at.eq(at))
                .execute(scope.conn)?;
            StoreError::unless_changed(renewed, "the session")?;
            successor
        }
        None => match find_again(scope, &token)? {
            Again::Lost(successor) => successor,
            Again::Reused => {
                end(scope, Session { account, session }, "token_reused")?;
                let holder = live.place.membership().iter().map(|membership| membership.staff_id).collect();
                scope.record(Event::SessionTokenReused { session, holder })?;
                return Ok(Renewal::Refused);
            }
            Again::Unknown => return Ok(Renewal::Refused),
        },
    };
    scope.record(Event::SessionRenewed { session })?;
    Ok(Renewal::Renewed(Opened { account, session, place: live.place, refresh_token, ends_at: live.ends_at }))
}

/// Puts a new refresh token in the place of one that was not replaced yet, and returns it. The new one is kept sealed under
/// the one before, which is not stored, until it is used itself.
fn replace_token(scope: &mut Scope<'_>, of: Session, token: &Bearer<2>) -> Result<Option<String>, StoreError> {
    let successor = Bearer::draw(token.ids);
    let sealed = under_passphrase(token.text()).seal(successor_of(token), successor.text())?;
    let of_the_session = refresh_tokens::session_id.eq(of.session.uuid());
    let replaced = update(refresh_tokens::table.find((of.account.uuid(), token.hash())))
        .filter(of_the_session.and(refresh_tokens::replaced_at.is_null()))
        .set((refresh_tokens::replaced_at.eq(scope.at()), refresh_tokens::successor.eq(sealed)))
        .execute(scope.conn)?;
    if replaced == 0 {
        return Ok(None);
    }
    update(refresh_tokens::table.filter(refresh_tokens::account_id.eq(of.account.uuid()).and(of_the_session)))
        .filter(refresh_tokens::successor.is_not_null().and(refresh_tokens::token_hash.ne(token.hash())))
        .set(refresh_tokens::successor.eq(None::<Vec<u8>>))
        .execute(scope.conn)?;
    keep(scope, of, &successor)?;
    Ok(Some(successor.text().to_owned()))
}

fn successor_of(token: &Bearer<2>) -> SealedField {
    let [account, session] = token.ids;
    SealedField { owner: account, table: "refresh_tokens", column: "successor", row: session }
}

/// A refresh token that cannot be replaced.
enum Again {
    /// Its successor was not used, and the answer that had it may have been lost just now.
    Lost(String),
    /// It was replaced, and comes back too late or after its successor was used.
    Reused,
    /// There never was such a token.
    Unknown,
}

/// Finds what it means that a refresh token comes which cannot be replaced.
fn find_again(scope: &mut Scope<'_>, token: &Bearer<2>) -> Result<Again, StoreError> {
    type FindAgainRow = (Option<DateTime<Utc>>, Option<Vec<u8>>);
    let row: Option<FindAgainRow> = refresh_tokens::table
        .find((token.ids[0], token.hash()))
        .select((refresh_tokens::replaced_at, refresh_tokens::successor))
        .first(scope.conn)
        .optional()?;
    Ok(match row {
        None => Again::Unknown,
        Some((Some(at), Some(sealed))) if scope.at() - at <= LOST_ANSWER => {
            Again::Lost(under_passphrase(token.text()).open(successor_of(token), &sealed)?)
        }
        Some(_) => Again::Reused,
    })
}

/// A session that is valid now.
pub(crate) struct Live {
    pub(crate) place: Place,
    pub(crate) authenticated_at: DateTime<Utc>,
    pub(crate) by_provider: bool,
    pub(crate) ends_at: DateTime<Utc>,
}

/// Finds the session, if it is valid: not ended, not expired, of an account that is not disabled and a place that
/// stands.
pub(crate) fn find_live(
    scope: &mut Scope<'_>,
    caller: Session,
    idle: Option<TimeDelta>,
) -> Result<Option<Live>, StoreError> {
    type FindLiveRow = (SeatColumns, bool, DateTime<Utc>, bool, DateTime<Utc>, DateTime<Utc>);
    let row: Option<FindLiveRow> = sessions::table
        .inner_join(accounts::table)
        .filter(sessions::account_id.eq(caller.account.uuid()).and(sessions::session_id.eq(caller.session.uuid())))
        .filter(sessions::ended_at.is_null().and(sessions::expires_at.gt(scope.at())))
        .filter(accounts::disabled_at.is_null())
        .select((
            (
                (sessions::practice_id, sessions::staff_id),
                (sessions::council_id, sessions::officer_id, sessions::guest_id, sessions::for_complaints),
            ),
            accounts::operator,
            sessions::authenticated_at,
            sessions::by_provider,
            sessions::renewed_at,
            sessions::expires_at,
        ))
        .first(scope.conn)
        .optional()?;
    let Some((seat, operator, authenticated_at, by_provider, renewed_at, ends_at)) = row else { return Ok(None) };
    if idle.is_some_and(|idle| scope.at() - renewed_at > idle) {
        return Ok(None);
    }
    // Who left and came back has another seat there, and the session of before is not theirs any more.
    let place = match Seat::of(seat) {
        Some(seat @ Seat::Staff(..)) => identity::memberships(scope, caller.account)?
            .into_iter()
            .map(Place::Practice)
            .find(|place| place.seat() == Some(seat)),
        Some(seat @ Seat::Officer(..)) => {
            offices(scope, caller.account)?.into_iter().map(Place::Council).find(|place| place.seat() == Some(seat))
        }
        Some(seat @ Seat::Complaints(..)) => complaints_places(scope, caller.account)?
            .into_iter()
            .map(Place::Complaints)
            .find(|place| place.seat() == Some(seat)),
        None => operator.then_some(Place::Service),
    };
    Ok(place.map(|place| Live { place, authenticated_at, by_provider, ends_at }))
}

/// Continues a session whose second factor was proved just now. No earlier token is valid any more (ASVS 7.2.4).
pub fn go_on_freshly(scope: &mut AccountScope<'_>) -> Result<Opened, StoreError> {
    let (place, now) = (scope.place.clone(), scope.at());
    replace(scope, place, now)
}

/// Moves the caller's session to another place of theirs, at the same door. The proof of the second factor stays as old as it was.
pub fn enter(scope: &mut AccountScope<'_>, place: Place) -> Result<Opened, StoreError> {
    let (account, left, proved_at) = (scope.account, scope.session, scope.authenticated_at);
    let before = scope.place.seat();
    acts_for(scope, account, before, Some(left))?;
    scope.record(Event::SessionEnded { session: left })?;
    let opened = replace(scope, place, proved_at)?;
    scope.record(Event::SessionBegun { session: opened.session })?;
    Ok(opened)
}

/// Ends the caller's session and begins another in its place, with the same end. Of two requests that do so, or where the
/// session was ended meanwhile, only one succeeds.
fn replace(scope: &mut AccountScope<'_>, place: Place, proved_at: DateTime<Utc>) -> Result<Opened, StoreError> {
    let (account, session, ends_at) = (scope.account, scope.session, scope.ends_at);
    if !end(scope, Session { account, session }, "replaced")? {
        return Err(StoreError::NotAuthenticated);
    }
    let proof = AuthenticationProof { authenticated_at: proved_at, by_provider: scope.by_provider };
    open(scope, account, place, ends_at, proof)
}

fn end(scope: &mut Scope<'_>, session: Session, because: &'static str) -> Result<bool, StoreError> {
    let ended = update(sessions::table.find((session.account.uuid(), session.session.uuid())))
        .filter(sessions::ended_at.is_null())
        .set((sessions::ended_at.eq(scope.at()), sessions::ended_because.eq(because)))
        .execute(scope.conn)?;
    Ok(ended == 1)
}

/// Ends every session at a practice.
pub fn end_those_at(
    scope: &mut OperatorScope<'_>,
    practice: PracticeId,
    because: &'static str,
) -> Result<(), StoreError> {
    update(sessions::table.filter(sessions::practice_id.eq(practice.uuid())))
        .filter(sessions::ended_at.is_null())
        .set((sessions::ended_at.eq(scope.at()), sessions::ended_because.eq(because)))
        .execute(scope.conn)?;
    Ok(())
}

/// Ends every session of an account but this one.
pub(crate) fn end_others(
    scope: &mut Scope<'_>,
    account: AccountId,
    kept: Option<SessionId>,
    because: &'static str,
) -> Result<(), StoreError> {
    update(sessions::table.filter(sessions::account_id.eq(account.uuid())))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::session_id.ne(kept.map_or(Uuid::nil(), SessionId::uuid)))
        .set((sessions::ended_at.eq(scope.at()), sessions::ended_because.eq(because)))
        .execute(scope.conn)?;
    Ok(())
}
